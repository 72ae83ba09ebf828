package io.sonde.audit;

import io.sonde.store.CheckpointStore.Leaves;
import io.sonde.store.CheckpointStore.Log;
import java.util.ArrayList;
import java.util.List;

/** The Merkle tree over what a log's tables hold. */
final class LogReader {
  private LogReader() {}

  static MerkleTree tree(Log log) {
    return new MerkleTree(
        (level, first, count) ->
            level == 0 ? leafHashes(log, first, count) : nodes(log, level, first, count));
  }

  private static List<byte[]> leafHashes(Log log, long first, int count) {
    List<byte[]> hashes = new ArrayList<>(count);
    for (Leaves leaves : log.leaves(first, first + count)) {
      for (int i = 0; i < leaves.count(); i++) {
        long leaf = leaves.firstLeaf() + i;
        if (leaf >= first && leaf < first + count) {
          hashes.add(leaf(leaves, i).hash());
        }
      }
    }
    return whole(hashes, 0, first, count);
  }

  static Leaf leaf(Leaves leaves, int i) {
    return new Leaf(leaves.collector(), leaves.firstSequence() + i, leaves.hash(i));
  }

  private static List<byte[]> nodes(Log log, int level, long first, int count) {
    return whole(log.nodes(level, first, count), level, first, count);
  }

  private static List<byte[]> whole(List<byte[]> found, int level, long first, int count) {
    if (found.size() != count) {
      throw new BrokenLogException(
          "the log has %d of the %d hashes from %d on at level %d"
              .formatted(found.size(), count, first, level));
    }
    return found;
  }
}
