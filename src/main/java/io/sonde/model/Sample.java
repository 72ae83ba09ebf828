package io.sonde.model;

import static java.util.Objects.requireNonNull;

/**
 * One measurement. This is the shape in which single samples are built and read; many travel as a
 * {@link SampleBatch}.
 *
 * @param series what was measured
 * @param timestamp when, in microseconds since 1970-01-01T00:00Z
 * @param volume how much; finite
 * @param key tells samples of one series and moment apart: 0 where series and time identify
 *     (polls), else a hash of the sender's message id or a number drawn by the server, see {@link
 *     SampleKey}
 * @param metadata what was known of the resource at that time
 * @param monotonic when it was read, by the reader's own clock; null where nobody told
 */
public record Sample(
    Series series,
    long timestamp,
    double volume,
    long key,
    Metadata metadata,
    Monotonic monotonic) {
  public Sample {
    requireNonNull(series, "series");
    requireNonNull(metadata, "metadata");
    if (!Double.isFinite(volume)) {
      throw new IllegalArgumentException("volume " + volume + " is not finite");
    }
  }

  /** Of an unknown moment of its reading. */
  public Sample(Series series, long timestamp, double volume, long key, Metadata metadata) {
    this(series, timestamp, volume, key, metadata, null);
  }
}
