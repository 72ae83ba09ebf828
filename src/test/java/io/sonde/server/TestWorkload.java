package io.sonde.server;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples of a counter and a gauge of some resources, with metadata that changes, at regular steps.
 *
 * @param resources how many
 * @param start of the first step, microseconds
 * @param step microseconds
 */
record TestWorkload(int resources, long start, long step) {
  /** Both meters of all resources at one step; the counters grow by ten. */
  SampleBatch at(int number) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < resources; i++) {
      Metadata metadata =
          Metadata.ofCanonicalJson("{\"flavor\":\"f" + (number / 30 + i) % 3 + "\"}");
      long timestamp = start + number * step + i;
      samples.add(
          new Sample(
              series("cpu", MeterType.CUMULATIVE, i),
              timestamp,
              number * 10,
              SampleKey.NONE,
              metadata));
      samples.add(
          new Sample(
              series("load", MeterType.GAUGE, i),
              timestamp,
              number % 7 + i / 10.0,
              SampleKey.ofMessageId(number + "/" + i),
              metadata));
    }
    return SampleBatch.of(samples);
  }

  /** The gauges once more, at another time. */
  SampleBatch late(String id, long timestamp) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < resources; i++) {
      samples.add(
          new Sample(
              series("load", MeterType.GAUGE, i),
              timestamp,
              0.1,
              SampleKey.ofMessageId(id + i),
              Metadata.EMPTY));
    }
    return SampleBatch.of(samples);
  }

  static Series series(String meter, MeterType type, int resource) {
    return new Series(
        "test", meter, type, "u", "r" + resource, "p" + resource % 3, null, Series.NO_DIMENSIONS);
  }
}
