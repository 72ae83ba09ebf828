package io.sonde.pipeline;

import io.sonde.model.Monotonic;
import io.sonde.model.Sample;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;

/**
 * What is remembered of a series by what compares a sample with the one before: the newest one.
 *
 * @param timestamp microseconds since 1970
 * @param monotonic when it was read, by the reader's own clock; null where nobody told
 */
record Reading(long timestamp, double volume, Monotonic monotonic) {
  private static final double MICROS = 1e6;
  private static final double NANOS = 1e9;

  /** Without and with the moment. */
  private static final int SHORT = 16;

  private static final int LONG = 32;

  /** As the memory of a transformer; null for null. */
  static Reading of(byte[] memory) {
    if (memory == null) {
      return null;
    }
    ByteReader in = new ByteReader(memory);
    return new Reading(
        in.readLong(),
        in.readDouble(),
        memory.length < LONG ? null : new Monotonic(in.readLong(), in.readLong()));
  }

  static Reading of(Sample sample) {
    return new Reading(sample.timestamp(), sample.volume(), sample.monotonic());
  }

  byte[] bytes() {
    ByteWriter out =
        new ByteWriter(monotonic == null ? SHORT : LONG).writeLong(timestamp).writeDouble(volume);
    if (monotonic != null) {
      out.writeLong(monotonic.clock()).writeLong(monotonic.nanos());
    }
    return out.toByteArray();
  }

  /**
   * Why a sample is not newer than this reading; null when it is. By the clock that both were read
   * by where there is one: the wall clock may have been set back meanwhile.
   */
  Skip refusal(Sample sample) {
    if (sample.timestamp() == timestamp) {
      return Skip.REDELIVERED;
    }
    long later =
        isTimed(sample)
            ? sample.monotonic().nanos() - monotonic.nanos()
            : sample.timestamp() - timestamp;
    if (later > 0) {
      return null;
    }
    return later == 0 ? Skip.REDELIVERED : Skip.OUT_OF_ORDER;
  }

  /** The time from this reading to a newer sample, in seconds. */
  double secondsTo(Sample sample) {
    return isTimed(sample)
        ? (sample.monotonic().nanos() - monotonic.nanos()) / NANOS
        : (sample.timestamp() - timestamp) / MICROS;
  }

  private boolean isTimed(Sample sample) {
    return monotonic != null && monotonic.isComparable(sample.monotonic());
  }
}
