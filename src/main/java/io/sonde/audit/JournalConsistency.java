package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.store.CheckpointStore;
import io.sonde.store.CheckpointStore.EventHash;
import io.sonde.store.CheckpointStore.Leaves;
import io.sonde.store.CheckpointStore.Log;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Builds the log anew from the journals as they are now, and compares it with checkpoints that were
 * made earlier and kept elsewhere. What was removed, changed, or set back to an older state since
 * then is found, though all tables agree with each other. Blocks. For one use.
 */
public final class JournalConsistency {
  /** Leaves that are read in one transaction. */
  private static final int AT_ONCE = 4096;

  private final CheckpointStore store;
  private final List<Checkpoint> due;
  private final LongConsumer progress;

  private final CompactRange tree = new CompactRange();

  /** The number of checkpoints that have been compared. */
  private int compared;

  /** Leaves up to which a checkpoint has confirmed all. */
  private long confirmed;

  /**
   * A comparison.
   *
   * @param older checkpoints of this log, in any order
   * @param progress is told now and then how many events were looked at
   */
  public JournalConsistency(CheckpointStore store, List<Checkpoint> older, LongConsumer progress) {
    this.store = store;
    this.due = older.stream().sorted(Comparator.comparingLong(Checkpoint::size)).toList();
    this.progress = progress;
  }

  /** The journal or the log is not what it was. */
  private static final class Damage extends Exception {
    private static final long serialVersionUID = 1L;

    Damage(String message) {
      super(message);
    }
  }

  /** The first position at which a checkpoint does not hold, for people; null when all hold. */
  public String firstDamage() {
    long end = due.get(due.size() - 1).size();
    try {
      compare();
      while (tree.size() < end) {
        String damage = store.read(log -> follow(log, end));
        if (damage != null) {
          return damage;
        }
        progress.accept(tree.size());
      }
      return null;
    } catch (Damage e) {
      return e.getMessage();
    }
  }

  private String follow(Log log, long end) {
    try {
      long to = Math.min(end, tree.size() + AT_ONCE);
      if (log.size() <= tree.size()) {
        throw new Damage(
            "leaf %d: expected an event, as a checkpoint is of %d events, found the end of the log"
                .formatted(tree.size(), end));
      }
      long before = tree.size();
      for (Leaves row : log.leaves(before, to)) {
        follow(log, row, to);
      }
      if (tree.size() == before) {
        throw new Damage(
            "leaf %d: expected a row of the log that holds it, found none".formatted(before));
      }
      return null;
    } catch (Damage e) {
      return e.getMessage();
    }
  }

  private void follow(Log log, Leaves row, long to) throws Damage {
    int first = (int) (tree.size() - row.firstLeaf());
    if (first < 0 || first >= row.count()) {
      throw new Damage(
          "leaf %d: expected a row of the log that holds it, found one from leaf %d to %d"
              .formatted(tree.size(), row.firstLeaf(), row.firstLeaf() + row.count() - 1));
    }
    int last = (int) Math.min(row.count(), to - row.firstLeaf());
    long sequence = row.firstSequence() + first;
    List<EventHash> events =
        log.hashesAfter(Collector.persistenceId(row.collector()), sequence - 1, last - first);
    for (int i = first; i < last; i++, sequence++) {
      EventHash event = i - first < events.size() ? events.get(i - first) : null;
      String place =
          "collector %d, event %d (leaf %d)".formatted(row.collector(), sequence, tree.size());
      if (event == null || event.sequence() != sequence) {
        throw new Damage(
            place + ": expected " + BrokenChainException.hex(row.hash(i)) + ", found no event");
      }
      if (!Arrays.equals(event.hash(), row.hash(i))) {
        throw new Damage(
            place
                + ": expected "
                + BrokenChainException.hex(row.hash(i))
                + ", found "
                + BrokenChainException.hex(event.hash()));
      }
      tree.append(
          new Leaf(row.collector(), sequence, event.hash()).hash(), (level, at, hash) -> {});
      compare();
    }
  }

  /** Compares with the checkpoints of the size that has been reached. */
  private void compare() throws Damage {
    while (compared < due.size() && due.get(compared).size() == tree.size()) {
      Checkpoint checkpoint = due.get(compared++);
      byte[] root = tree.root();
      if (!Arrays.equals(root, checkpoint.root())) {
        throw new Damage(
            ("leaf %d to %d: expected root %s, as the checkpoint of %d events says, found %s;"
                    + " journal and log were rewritten there")
                .formatted(
                    confirmed,
                    checkpoint.size() - 1,
                    BrokenChainException.hex(checkpoint.root()),
                    checkpoint.size(),
                    BrokenChainException.hex(root)));
      }
      confirmed = checkpoint.size();
    }
  }
}
