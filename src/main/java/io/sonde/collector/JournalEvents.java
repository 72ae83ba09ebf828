package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.series.Columns;
import io.sonde.series.Head;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/** The stored events of a collector as others read them, for publishing and for audit. */
public final class JournalEvents {
  /**
   * A sample as it stands in the journal; see {@link SampleKey} for {@code key}.
   *
   * @param series the series' number within its collector
   * @param timestamp microseconds since 1970
   * @param recordedAt seconds since 1970
   */
  public record Recorded(
      int series, long timestamp, double volume, long key, UUID metadata, long recordedAt) {}

  private final EventBlock block;

  private JournalEvents(EventBlock block) {
    this.block = block;
  }

  /** Reads the bytes of an event. */
  public static JournalEvents of(byte[] payload) {
    return new JournalEvents(EventBlock.decode(payload));
  }

  /** The samples in the bytes of a snapshot, which no chunk row holds, by their series' numbers. */
  public static Map<Integer, Columns> openBlocks(byte[] snapshot) {
    Map<Integer, Columns> blocks = new HashMap<>();
    for (Head.Entry entry : SnapshotCodec.decode(snapshot).head().entries()) {
      if (entry.open().size() > 0) {
        blocks.put(entry.number(), entry.open().freeze());
      }
    }
    return blocks;
  }

  /** The hash, of 32 bytes, that an event after the one with these bytes names. */
  public static byte[] hash(byte[] payload) {
    return EventBlock.hash(payload);
  }

  /** Whose journal it is of. */
  public int collector() {
    return block.collector();
  }

  /** Its number in the journal. */
  public long sequence() {
    return block.sequence();
  }

  /** The hash of the event before it; zeros for the first one. */
  public byte[] previousHash() {
    return block.previousHash();
  }

  /** When it was recorded, seconds since 1970. */
  public long recordedAt() {
    return block.recordedAt();
  }

  /** Whether it stands in a segment that was written behind damage. */
  public boolean isInSegment() {
    return block.segment() != null;
  }

  /** Of an event in a segment: number of the last event before the damage. */
  public long segmentAfter() {
    return block.segment().after();
  }

  /** Of an event in a segment: what was damaged, a line. */
  public String segmentWhy() {
    return block.segment().why();
  }

  /** Number of samples. */
  public int size() {
    return block.size();
  }

  /** The metadata whose texts stand in this event; none of an event in a segment, as below. */
  public List<Metadata> newMetadata() {
    return isInSegment() ? List.of() : block.newMetadata();
  }

  /**
   * The series that this event is the first to name, by number. None of an event in a segment: it
   * is journaled anew when its samples are handed in again.
   */
  public Map<Integer, Series> newSeries() {
    Map<Integer, Series> series = new HashMap<>();
    if (isInSegment()) {
      return series;
    }
    for (int i = 0; i < block.newSeries().size(); i++) {
      series.put(block.firstNewNumber() + i, block.newSeries().get(i));
    }
    return series;
  }

  /** One of its samples, counted from 0. */
  public Recorded sample(int i) {
    return new Recorded(
        block.number(i),
        block.timestamp(i),
        block.volume(i),
        block.key(i),
        block.metadata(i),
        block.recordedAt());
  }

  /** By what way a sample came, see {@link io.sonde.model.Provenance}. */
  public String way(int i) {
    return block.sinks().get(block.sinkRef(i));
  }

  /** The place of a sample in this event; -1 where it is not. */
  public int find(int series, long timestamp, long key) {
    for (int i = 0; !isInSegment() && i < block.size(); i++) {
      if (block.timestamp(i) == timestamp && block.number(i) == series && block.key(i) == key) {
        return i;
      }
    }
    return -1;
  }

  /** The samples, in the order of their places; none of an event in a segment. */
  public List<Recorded> samples() {
    return samples(sink -> true);
  }

  /** The samples that came through sinks that pass the test; none of an event in a segment. */
  public List<Recorded> samples(Predicate<String> sink) {
    boolean[] wanted = new boolean[block.sinks().size()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = sink.test(block.sinks().get(i));
    }
    List<Recorded> samples = new ArrayList<>();
    for (int i = 0; !isInSegment() && i < block.size(); i++) {
      if (wanted[block.sinkRef(i)]) {
        samples.add(sample(i));
      }
    }
    return samples;
  }
}
