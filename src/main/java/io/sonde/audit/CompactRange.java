package io.sonde.audit;

import java.util.ArrayList;
import java.util.List;

/**
 * What is needed of a Merkle tree to add leaves and to tell its root: the hashes of the complete
 * subtrees that it consists of, at most one of each size. For one thread.
 */
final class CompactRange {
  /** Of the complete subtrees, the largest, and leftmost, first. */
  private final List<byte[]> hashes = new ArrayList<>();

  private long size;

  /** Takes the hashes that are kept of a growing tree. */
  @FunctionalInterface
  interface Kept {
    /**
     * A subtree is complete.
     *
     * @param level a multiple of {@link MerkleTree#KEPT_LEVELS}, above 0
     * @param place among those of its level
     */
    void keep(int level, long place, byte[] hash);
  }

  /** Of a tree without leaves. */
  CompactRange() {}

  /** Of the first leaves of a tree. */
  CompactRange(MerkleTree tree, long size) {
    this.size = size;
    for (long rest = size; rest > 0; rest -= Long.highestOneBit(rest)) {
      int level = 63 - Long.numberOfLeadingZeros(rest);
      hashes.add(tree.subtree(level, ((size - rest) >> level)));
    }
  }

  /** The number of leaves. */
  long size() {
    return size;
  }

  /** Adds a leaf with this hash. */
  void append(byte[] leafHash, Kept kept) {
    byte[] hash = leafHash;
    int level = 0;
    for (long place = size; (place & 1) == 1; place >>= 1) {
      hash = MerkleTree.nodeHash(hashes.remove(hashes.size() - 1), hash);
      level++;
      if (level % MerkleTree.KEPT_LEVELS == 0) {
        kept.keep(level, place >> 1, hash);
      }
    }
    hashes.add(hash);
    size++;
  }

  byte[] root() {
    if (size == 0) {
      return MerkleTree.emptyRoot();
    }
    byte[] root = hashes.get(hashes.size() - 1);
    for (int i = hashes.size() - 2; i >= 0; i--) {
      root = MerkleTree.nodeHash(hashes.get(i), root);
    }
    return root;
  }
}
