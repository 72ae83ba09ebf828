package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.CorruptDataException;
import io.sonde.series.Head;
import io.sonde.store.CollectorStore;
import io.sonde.store.SeriesRow;
import java.util.Arrays;
import java.util.UUID;

/**
 * The state of a collector: what its journal says beyond the chunk rows. It is mutable: {@link
 * #apply} changes it in place, and the same events always give the same ledger.
 */
final class Ledger implements Collector.State {
  private final int collector;
  private final Head head = new Head();
  private byte[] chainHash;
  private long sequence;
  private long generation;
  // Of the snapshot that it was made of.
  private final long snapshotSequence;
  private final byte[] snapshotHash;
  // Events that were written while the collector was broken, among those since the snapshot.
  private long segmentFrom;
  private long segmentTo;
  private long recordedAt;

  Ledger(int collector) {
    this(collector, EventBlock.NO_PREDECESSOR, 0, 0);
  }

  /** A ledger as a snapshot describes it; its head is restored by the caller. */
  Ledger(int collector, byte[] chainHash, long sequence, long generation) {
    this.collector = collector;
    this.chainHash = chainHash;
    this.sequence = sequence;
    this.generation = generation;
    this.snapshotSequence = sequence;
    this.snapshotHash = chainHash;
  }

  /** As rows have it: what the newest snapshot says, if there is one. Blocks. */
  static Ledger ofRows(
      int collector, byte[] snapshot, CollectorStore store, CollectorSettings settings) {
    Ledger ledger = snapshot == null ? new Ledger(collector) : SnapshotCodec.decode(snapshot);
    ledger.head().sealAt(settings.chunkSamples());
    for (SeriesRow row : store.series(collector)) {
      ledger.head().describe(row.number(), row.series());
    }
    return ledger;
  }

  int collector() {
    return collector;
  }

  Head head() {
    return head;
  }

  /** The hash that the next event must name. */
  byte[] chainHash() {
    return chainHash;
  }

  /** The sequence number of the last event. */
  long sequence() {
    return sequence;
  }

  /** The last event that the snapshot covers which this was made of; 0 without one. */
  long snapshotSequence() {
    return snapshotSequence;
  }

  /** The hash of that event, by the snapshot. */
  byte[] snapshotHash() {
    return snapshotHash;
  }

  /**
   * The first event since the snapshot that stands in a segment, whose samples are to be handed in
   * again; 0 where there is none.
   */
  long segmentFrom() {
    return segmentFrom;
  }

  /** The last such event. */
  long segmentTo() {
    return segmentTo;
  }

  /**
   * The second, since 1970, in which the last event was recorded; 0 where the journal has nothing
   * behind the snapshot.
   */
  long recordedAt() {
    return recordedAt;
  }

  /** The number of the last flush that was begun. */
  long generation() {
    return generation;
  }

  /** A flush is begun. */
  void nextGeneration() {
    generation++;
  }

  /**
   * Why an event cannot be the next one; null where it can. Where it names another hash than that
   * of the event before it, this one is the place of the damage. A segment begins behind whatever
   * was there, which may have been mended since.
   */
  BrokenAt misfit(EventBlock event) {
    long due = sequence + 1;
    if (event.collector() != collector || event.sequence() != due) {
      return new BrokenAt(
          collector,
          due,
          "event " + due + " of collector " + collector,
          "event " + event.sequence() + " of collector " + event.collector());
    }
    boolean beginsSegment = event.segment() != null && segmentTo != sequence;
    if (beginsSegment || Arrays.equals(event.previousHash(), chainHash)) {
      return null;
    }
    String named = Recovery.hex(event.previousHash());
    return due == 1
        ? new BrokenAt(collector, due, "no predecessor", "predecessor " + named)
        : new BrokenAt(
            collector,
            sequence,
            "hash " + named + ", which event " + due + " names",
            "hash " + Recovery.hex(chainHash));
  }

  /**
   * Takes an event in.
   *
   * @param hash the event's own
   * @throws CorruptDataException when it does not follow the one before it
   */
  void apply(EventBlock event, byte[] hash) {
    BrokenAt misfit = misfit(event);
    if (misfit != null) {
      throw new CorruptDataException(misfit.toString());
    }
    if (event.segment() != null) {
      segmentFrom = segmentFrom == 0 ? event.sequence() : segmentFrom;
      segmentTo = event.sequence();
      sequence = event.sequence();
      chainHash = hash;
      return;
    }
    int number = event.firstNewNumber();
    for (Series series : event.newSeries()) {
      head.define(number++, series);
    }
    for (Metadata metadata : event.newMetadata()) {
      head.define(metadata);
    }
    UUID[] metadata = event.metadataIds().stream().map(head::shared).toArray(UUID[]::new);
    for (int i = 0; i < event.size(); i++) {
      if (event.number(i) >= head.nextNumber()) {
        throw new CorruptDataException(
            "event " + event.sequence() + " is about an unknown series " + event.number(i));
      }
      head.append(
          event.number(i),
          event.timestamp(i),
          event.volume(i),
          event.key(i),
          metadata[event.metadataRef(i)],
          event.recordedAt());
    }
    sequence = event.sequence();
    chainHash = hash;
    recordedAt = event.recordedAt();
  }
}
