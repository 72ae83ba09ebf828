package io.sonde.audit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A Merkle tree in the form of RFC 6962, over hashes that lie elsewhere: its roots, proofs that a
 * leaf is in it, proofs that a larger tree begins with a smaller one, and the verification of both,
 * which needs no tree. All hashes have 32 bytes.
 */
public final class MerkleTree {
  /** Every eighth level of hashes is kept, beside that of the leaves; others are made of these. */
  static final int KEPT_LEVELS = 8;

  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  private final Nodes nodes;

  /** Where the hashes of complete subtrees are. */
  @FunctionalInterface
  interface Nodes {
    /**
     * Hashes of neighbours.
     *
     * @param level 0 for leaves, else a multiple of {@link #KEPT_LEVELS}; a hash is of 2^level
     *     leaves
     * @param first the first one's place among those of its level
     * @param count how many, at most 128
     */
    List<byte[]> hashes(int level, long first, int count);
  }

  MerkleTree(Nodes nodes) {
    this.nodes = nodes;
  }

  /** The hash of a leaf with these bytes. */
  static byte[] leafHash(byte[] data) {
    MessageDigest digest = sha256();
    digest.update(LEAF);
    return digest.digest(data);
  }

  /** The hash of a node over its two children. */
  static byte[] nodeHash(byte[] left, byte[] right) {
    MessageDigest digest = sha256();
    digest.update(NODE);
    digest.update(left);
    return digest.digest(right);
  }

  /** The root of a tree without leaves. */
  static byte[] emptyRoot() {
    return sha256().digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** The root over the first leaves. */
  byte[] root(long size) {
    return size == 0 ? emptyRoot() : hash(0, size);
  }

  /**
   * The hashes that lead from a leaf to the root over the first leaves, from the leaf up.
   *
   * @param leaf its number, from 0, less than {@code size}
   */
  List<byte[]> inclusionProof(long leaf, long size) {
    List<byte[]> downwards = new ArrayList<>();
    long start = 0;
    long left = size;
    while (left > 1) {
      long half = half(left);
      if (leaf < start + half) {
        downwards.add(hash(start + half, left - half));
        left = half;
      } else {
        downwards.add(hash(start, half));
        start += half;
        left -= half;
      }
    }
    Collections.reverse(downwards);
    return downwards;
  }

  /**
   * The hashes that show that the tree over the first {@code to} leaves begins with that over the
   * first {@code from}, in the order of RFC 6962. None for an empty beginning and for the same
   * size.
   */
  List<byte[]> consistencyProof(long from, long to) {
    if (from == 0 || from == to) {
      return List.of();
    }
    List<byte[]> downwards = new ArrayList<>();
    long start = 0;
    long left = to;
    long common = from;
    while (common < left) {
      long half = half(left);
      if (common <= half) {
        downwards.add(hash(start + half, left - half));
        left = half;
      } else {
        downwards.add(hash(start, half));
        start += half;
        left -= half;
        common -= half;
      }
    }
    // Whoever asks knows the smaller root: where that is this subtree, it goes without saying.
    if (start > 0) {
      downwards.add(hash(start, left));
    }
    Collections.reverse(downwards);
    return downwards;
  }

  /** Whether a leaf is in the tree with this root, by a proof of {@link #inclusionProof}. */
  static boolean isIncluded(
      byte[] leafHash, long leaf, long size, List<byte[]> proof, byte[] root) {
    if (leaf < 0 || leaf >= size) {
      return false;
    }
    byte[] hash = leafHash;
    Path path = new Path(leaf, size - 1);
    for (byte[] neighbour : proof) {
      if (path.isAtRoot()) {
        return false;
      }
      hash = path.ascend() ? nodeHash(neighbour, hash) : nodeHash(hash, neighbour);
    }
    return path.isAtRoot() && Arrays.equals(hash, root);
  }

  /**
   * Whether the tree with the second root begins with that of the first one, by a proof of {@link
   * #consistencyProof}.
   */
  static boolean isConsistent(
      long from, byte[] fromRoot, long to, byte[] toRoot, List<byte[]> proof) {
    if (from < 0 || from > to) {
      return false;
    }
    if (from == 0 || from == to) {
      return proof.isEmpty() && Arrays.equals(fromRoot, from == 0 ? emptyRoot() : toRoot);
    }
    List<byte[]> rest = new ArrayList<>(proof);
    if (Long.bitCount(from) == 1) {
      rest.add(0, fromRoot);
    }
    if (rest.isEmpty()) {
      return false;
    }
    int levels = Long.numberOfTrailingZeros(from);
    Path path = new Path((from - 1) >> levels, (to - 1) >> levels);
    byte[] first = rest.get(0);
    byte[] second = first;
    for (byte[] neighbour : rest.subList(1, rest.size())) {
      if (path.isAtRoot()) {
        return false;
      }
      if (path.ascend()) {
        first = nodeHash(neighbour, first);
        second = nodeHash(neighbour, second);
      } else {
        second = nodeHash(second, neighbour);
      }
    }
    return path.isAtRoot() && Arrays.equals(first, fromRoot) && Arrays.equals(second, toRoot);
  }

  /**
   * The way from a node up to the root, by the places of the node and of the last one beside it.
   */
  private static final class Path {
    private long at;
    private long last;

    private Path(long at, long last) {
      this.at = at;
      this.last = last;
    }

    private boolean isAtRoot() {
      return last == 0;
    }

    /** Goes to the next node with a neighbour below, and says whether that is the left one. */
    private boolean ascend() {
      boolean isLeft = (at & 1) == 1 || at == last;
      // At the right edge a path goes up without neighbours until it has one on its left.
      while (isLeft && (at & 1) == 0 && at != 0) {
        up();
      }
      up();
      return isLeft;
    }

    private void up() {
      at >>= 1;
      last >>= 1;
    }
  }

  /** The greatest power of two that is less. */
  private static long half(long count) {
    return Long.highestOneBit(count - 1);
  }

  /** Over leaves from one on, of which there are as many as a subtree has that begins there. */
  private byte[] hash(long start, long count) {
    if (Long.bitCount(count) == 1) {
      int level = Long.numberOfTrailingZeros(count);
      return subtree(level, start >> level);
    }
    long half = half(count);
    return nodeHash(hash(start, half), hash(start + half, count - half));
  }

  /**
   * The hash of a complete subtree.
   *
   * @param level of 2^level leaves
   * @param place among those of its level
   */
  byte[] subtree(int level, long place) {
    int kept = level / KEPT_LEVELS * KEPT_LEVELS;
    int above = level - kept;
    List<byte[]> hashes = nodes.hashes(kept, place << above, 1 << above);
    while (hashes.size() > 1) {
      List<byte[]> parents = new ArrayList<>(hashes.size() / 2);
      for (int i = 0; i < hashes.size(); i += 2) {
        parents.add(nodeHash(hashes.get(i), hashes.get(i + 1)));
      }
      hashes = parents;
    }
    return hashes.get(0);
  }
}
