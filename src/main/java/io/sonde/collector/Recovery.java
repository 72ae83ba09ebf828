package io.sonde.collector;

import io.sonde.collector.Collector.State;
import io.sonde.series.CorruptDataException;
import io.sonde.series.NewerFormatException;
import io.sonde.store.CollectorStore;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * Whether a collector can be believed: found out while its journal is replayed, and anew by each
 * replay. Of a broken one nothing is told, flushed or merged, since that would be wrong or make it
 * worse. Samples that come are journaled in a segment, unread, until what is broken is mended: then
 * {@link Readmission} hands them in. Used by the collector alone.
 */
final class Recovery {
  private final int collector;
  private boolean isReplaying;
  private BrokenAt broken;
  private byte[] lastHash;

  Recovery(int collector) {
    this.collector = collector;
    begin();
  }

  /** A snapshot that cannot be read; the events behind it say nothing without it. */
  record Unreadable(String why) implements State {}

  /** The state in the bytes of a snapshot. */
  static State snapshot(byte[] bytes) {
    try {
      return SnapshotCodec.decode(bytes);
    } catch (NewerFormatException e) {
      throw e;
    } catch (CorruptDataException e) {
      return new Unreadable(e.getMessage());
    }
  }

  /** The journal is about to be replayed. */
  void begin() {
    isReplaying = true;
    broken = null;
    lastHash = null;
  }

  /** The state after an event, which was replayed or is about to be written. */
  State apply(State state, Collector.Appended event, Supplier<Ledger> beginning) {
    lastHash = event.hash();
    if (broken != null || ofSnapshot(state, 0) != null) {
      return state;
    }
    Ledger ledger = state instanceof Ledger known ? known : beginning.get();
    if (!isReplaying) {
      ledger.apply(event.block(), event.hash());
      return ledger;
    }
    broken = replay(ledger, event);
    return broken == null ? ledger : Collector.Empty.INSTANCE;
  }

  /** Why the events behind a snapshot say nothing; null where they do, or there is none. */
  private BrokenAt ofSnapshot(State state, long taken) {
    if (state instanceof Unreadable snapshot) {
      return new BrokenAt(collector, taken, "a snapshot that can be read", snapshot.why());
    }
    if (state instanceof Ledger ledger && ledger.collector() != collector) {
      return new BrokenAt(
          collector,
          taken,
          "a snapshot of collector " + collector,
          "one of collector " + ledger.collector());
    }
    return null;
  }

  private BrokenAt replay(Ledger ledger, Collector.Appended event) {
    long due = ledger.sequence() + 1;
    try {
      EventBlock block = event.block();
      BrokenAt misfit = ledger.misfit(block);
      if (misfit == null) {
        ledger.apply(block, event.hash());
      }
      return misfit;
    } catch (NewerFormatException e) {
      // Not broken: only a newer node can go on from here.
      throw e;
    } catch (CorruptDataException e) {
      return new BrokenAt(collector, due, "an event that can be read", e.getMessage());
    }
  }

  /**
   * The journal was replayed. Blocks.
   *
   * @param last number of its last event
   */
  void end(State state, long last, CollectorStore store) {
    isReplaying = false;
    String journal = Collector.persistenceId(collector);
    if (ofSnapshot(state, 0) != null) {
      broken = ofSnapshot(state, store.snapshotSequence(journal));
    } else if (broken == null && state instanceof Ledger ledger) {
      broken = broken(ledger, last, store.event(journal, ledger.snapshotSequence()));
    }
    if (broken != null && lastHash == null) {
      byte[] event = store.event(journal, last);
      lastHash = event == null ? EventBlock.NO_PREDECESSOR : EventBlock.hash(event);
    }
  }

  /**
   * What the replay by itself does not see: that the end is missing, or the snapshot is another.
   */
  private BrokenAt broken(Ledger ledger, long last, byte[] flushed) {
    long snapshot = ledger.snapshotSequence();
    if (ledger.sequence() != last) {
      long due = Math.min(ledger.sequence(), last) + 1;
      return new BrokenAt(collector, due, "event " + due, "no such row");
    }
    // Archived events are not in the journal any more; the next one names the last of them, unless
    // a segment begins with it.
    boolean isNamed = last > snapshot && ledger.segmentFrom() != snapshot + 1;
    if (snapshot == 0 || (flushed == null && isNamed)) {
      return null;
    }
    if (flushed == null) {
      return new BrokenAt(collector, snapshot, "event " + snapshot, "no such row");
    }
    byte[] hash = EventBlock.hash(flushed);
    return Arrays.equals(hash, ledger.snapshotHash())
        ? null
        : new BrokenAt(
            collector,
            snapshot,
            "hash " + hex(ledger.snapshotHash()) + ", which the snapshot names",
            "hash " + hex(hash));
  }

  /** Where it is broken; null where it holds. */
  BrokenAt broken() {
    return broken;
  }

  /** What can be believed; null where that is nothing, or nothing was stored yet. */
  Ledger ledger(State state) {
    return broken == null && state instanceof Ledger ledger ? ledger : null;
  }

  /** The segment that samples go to; null where all holds. */
  EventBlock.Segment segment() {
    return broken == null ? null : new EventBlock.Segment(broken.event() - 1, broken.toString());
  }

  /** The hash of the last event of the journal, whatever it is. */
  byte[] lastHash() {
    return lastHash;
  }

  static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
