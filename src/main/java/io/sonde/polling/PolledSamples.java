package io.sonde.polling;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;

/**
 * Gathers the samples of one reading: one moment; one resource after the other. Values that are not
 * there (null, or no finite number) are left out. Not for use by several threads.
 */
public final class PolledSamples {
  private final SampleBatch.Builder batch = new SampleBatch.Builder(16);
  private final String source;
  private final long timestamp;
  private String resourceId;
  private String projectId;
  private String userId;
  private int metadata;

  /**
   * @param source what the samples name as their source
   * @param timestamp microseconds since 1970
   */
  public PolledSamples(String source, long timestamp) {
    this.source = source;
    this.timestamp = timestamp;
  }

  /** What follows is of this resource, which belongs to nobody. */
  public PolledSamples of(String resourceId, Metadata metadata) {
    return of(resourceId, null, null, metadata);
  }

  /** What follows is of this resource; project and user may be null. */
  public PolledSamples of(String resourceId, String projectId, String userId, Metadata metadata) {
    this.resourceId = resourceId;
    this.projectId = projectId;
    this.userId = userId;
    this.metadata = batch.ref(metadata);
    return this;
  }

  /** Adds a counter that may begin anew. */
  public PolledSamples cumulative(String meter, String unit, Number volume) {
    return add(meter, MeterType.CUMULATIVE, unit, volume);
  }

  /** Adds a momentary value. */
  public PolledSamples gauge(String meter, String unit, Number volume) {
    return add(meter, MeterType.GAUGE, unit, volume);
  }

  /** Adds a value; a whole number above 2^53 is rounded, as every volume is. */
  public PolledSamples add(String meter, MeterType type, String unit, Number volume) {
    if (volume != null && Double.isFinite(volume.doubleValue())) {
      Series series =
          new Series(
              source, meter, type, unit, resourceId, projectId, userId, Series.NO_DIMENSIONS);
      batch.add(batch.ref(series), timestamp, volume.doubleValue(), SampleKey.NONE, metadata);
    }
    return this;
  }

  public SampleBatch build() {
    return batch.build();
  }
}
