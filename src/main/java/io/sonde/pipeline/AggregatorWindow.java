package io.sonde.pipeline;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an aggregator remembers under one key: the window, if one is open, and which samples it took
 * of the newest moments, so that none counts twice. Samples from before these moments are not
 * taken: whether they were cannot be told any more.
 */
final class AggregatorWindow {
  private static final int VERSION = 1;

  /** A sender that repeats itself does so with what it sent last. */
  private static final int MOMENTS = 8;

  private static final long NONE_BEFORE = Long.MIN_VALUE;

  private long due;
  private int count;
  private Series target;
  private Metadata metadata;
  private double sum;
  private long oldest;
  private long newest;
  private long key;

  /** By time: what was taken of that moment. */
  private final TreeMap<Long, Set<Long>> taken = new TreeMap<>();

  /** Of the sample that was looked at last. */
  private long identity;

  /** Nothing before this is taken. */
  private long floor = NONE_BEFORE;

  private AggregatorWindow() {}

  /** Of a memory; empty for null. */
  static AggregatorWindow of(byte[] memory) {
    AggregatorWindow window = new AggregatorWindow();
    if (memory == null) {
      window.due = Transformer.NEVER;
      return window;
    }
    ByteReader in = new ByteReader(memory);
    window.due = in.readLong();
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptDataException("a window of unknown version " + version);
    }
    window.floor = in.readLong();
    int moments = in.readCount();
    for (int i = 0; i < moments; i++) {
      Set<Long> keys = new HashSet<>();
      window.taken.put(in.readLong(), keys);
      int samples = in.readCount();
      for (int k = 0; k < samples; k++) {
        keys.add(in.readLong());
      }
    }
    window.count = in.readNumber();
    if (window.count > 0) {
      window.target = BatchCodec.readSeries(in);
      window.metadata = Metadata.ofCanonicalJson(in.readText());
      window.sum = in.readDouble();
      window.oldest = in.readLong();
      window.newest = in.readLong();
      window.key = in.readLong();
    }
    return window;
  }

  /** When the window of a memory ends by the clock. */
  static long due(byte[] memory) {
    return new ByteReader(memory).readLong();
  }

  byte[] bytes() {
    ByteWriter out = new ByteWriter(128);
    out.writeLong(due).writeByte(VERSION).writeLong(floor).writeVarint(taken.size());
    for (Map.Entry<Long, Set<Long>> moment : taken.entrySet()) {
      out.writeLong(moment.getKey()).writeVarint(moment.getValue().size());
      moment.getValue().forEach(out::writeLong);
    }
    out.writeVarint(count);
    if (count > 0) {
      BatchCodec.writeSeries(target, out);
      out.writeString(metadata.json());
      out.writeDouble(sum).writeLong(oldest).writeLong(newest).writeLong(key);
    }
    return out.toByteArray();
  }

  /** Samples in the window; 0 when none is open. */
  int count() {
    return count;
  }

  /** Notes that a sample is taken, or says why it cannot be. */
  Skip admit(Sample input) {
    long time = input.timestamp();
    identity = SampleKey.mixed(SampleId.identity(input.series()), time, input.key());
    if (time < floor) {
      return Skip.OUT_OF_ORDER;
    }
    if (!taken.computeIfAbsent(time, moment -> new HashSet<>()).add(identity)) {
      return Skip.REDELIVERED;
    }
    if (taken.size() > MOMENTS) {
      taken.pollFirstEntry();
      floor = taken.firstKey();
    }
    return time < floor ? Skip.OUT_OF_ORDER : null;
  }

  /** Opens the window with its first sample, which was admitted just now. */
  void begin(Series series, Sample input, double volume, Metadata first, long end) {
    due = end;
    count = 1;
    target = series;
    metadata = first;
    sum = volume;
    oldest = input.timestamp();
    newest = input.timestamp();
    key = identity;
  }

  /**
   * Adds a further one that was admitted just now; what is to be that of the last is that of the
   * newest.
   */
  void add(
      Sample input, double volume, boolean lastUser, boolean lastProject, boolean lastMetadata) {
    count++;
    boolean isNewest = input.timestamp() >= newest;
    if (target.type() != MeterType.CUMULATIVE) {
      sum += volume;
    } else if (isNewest) {
      sum = volume;
    }
    if (isNewest) {
      target =
          target.ownedBy(
              lastProject ? input.series().projectId() : target.projectId(),
              lastUser ? input.series().userId() : target.userId());
      metadata = lastMetadata ? input.metadata() : metadata;
    }
    oldest = Math.min(oldest, input.timestamp());
    newest = Math.max(newest, input.timestamp());
    // The same for the same samples in any order.
    key += identity;
  }

  /**
   * Closes the window.
   *
   * @return what it comes to; null when that is no finite number
   */
  Sample end(boolean isTimedByLast) {
    double volume = target.type() == MeterType.GAUGE ? sum / count : sum;
    Sample output =
        Double.isFinite(volume)
            ? new Sample(
                target,
                isTimedByLast ? newest : oldest,
                volume,
                key == SampleKey.NONE ? 1 : key,
                metadata)
            : null;
    count = 0;
    due = Transformer.NEVER;
    return output;
  }
}
