package io.sonde.polling;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;

/** Gathers the samples of one reading of one resource: one time, one metadata. */
final class HostSamples {
  private static final String SOURCE = "sonde";

  private final SampleBatch.Builder batch = new SampleBatch.Builder(16);
  private final String resourceId;
  private final long timestamp;
  private final int metadata;

  HostSamples(String resourceId, long timestamp, Metadata metadata) {
    this.resourceId = resourceId;
    this.timestamp = timestamp;
    this.metadata = batch.ref(metadata);
  }

  /** Adds a counter; negative means that the platform does not count it. */
  HostSamples cumulative(String meter, String unit, double volume) {
    return add(meter, MeterType.CUMULATIVE, unit, volume);
  }

  /** Adds a whole number; above 2^53 it is rounded, as every volume is. */
  HostSamples cumulative(String meter, String unit, long volume) {
    return cumulative(meter, unit, (double) volume);
  }

  /** Adds a whole number. */
  HostSamples gauge(String meter, String unit, long volume) {
    return gauge(meter, unit, (double) volume);
  }

  /** Adds a momentary value; negative means that the platform does not know it. */
  HostSamples gauge(String meter, String unit, double volume) {
    return add(meter, MeterType.GAUGE, unit, volume);
  }

  SampleBatch build() {
    return batch.build();
  }

  private HostSamples add(String meter, MeterType type, String unit, double volume) {
    if (volume >= 0) {
      Series series =
          new Series(SOURCE, meter, type, unit, resourceId, null, null, Series.NO_DIMENSIONS);
      batch.add(batch.ref(series), timestamp, volume, SampleKey.NONE, metadata);
    }
    return this;
  }
}
