package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.CorruptDataException;
import io.sonde.series.Head;
import java.util.Arrays;
import java.util.UUID;

/**
 * The state of a collector: what its journal says beyond the chunk rows. It is mutable: {@link
 * #apply} changes it in place, and the same events always give the same ledger.
 */
final class Ledger implements Collector.State {
  private final int collector;
  private final Head head = new Head();
  private byte[] chainHash = EventBlock.NO_PREDECESSOR;
  private long sequence;
  private long generation;
  private long recordedAt;

  Ledger(int collector) {
    this.collector = collector;
  }

  /** A ledger as a snapshot describes it; its head is restored by the caller. */
  Ledger(int collector, byte[] chainHash, long sequence, long generation) {
    this.collector = collector;
    this.chainHash = chainHash;
    this.sequence = sequence;
    this.generation = generation;
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
   * Takes an event in.
   *
   * @param hash the event's own
   * @throws CorruptDataException when it does not follow the one before it
   */
  void apply(EventBlock event, byte[] hash) {
    if (event.collector() != collector
        || event.sequence() != sequence + 1
        || !Arrays.equals(event.previousHash(), chainHash)) {
      throw new CorruptDataException(
          "the journal of collector "
              + collector
              + " does not hold together after event "
              + sequence
              + ": next is event "
              + event.sequence()
              + " of collector "
              + event.collector());
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
