package io.sonde.pipeline;

import io.sonde.model.Sample;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;

/**
 * What is remembered of a series by what compares a sample with the one before: the newest one.
 *
 * @param timestamp microseconds since 1970
 */
record Reading(long timestamp, double volume) {
  private static final int LENGTH = 16;

  /** As the memory of a transformer; null for null. */
  static Reading of(byte[] memory) {
    if (memory == null) {
      return null;
    }
    ByteReader in = new ByteReader(memory);
    return new Reading(in.readLong(), in.readDouble());
  }

  static Reading of(Sample sample) {
    return new Reading(sample.timestamp(), sample.volume());
  }

  byte[] bytes() {
    return new ByteWriter(LENGTH).writeLong(timestamp).writeDouble(volume).toByteArray();
  }

  /** Why a sample of this time is not newer than this reading; null when it is. */
  Skip refusal(long time) {
    if (time > timestamp) {
      return null;
    }
    return time == timestamp ? Skip.REDELIVERED : Skip.OUT_OF_ORDER;
  }
}
