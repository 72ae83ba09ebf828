package io.sonde.publish;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Numbered samples on their way out: the number is the volume. */
final class TestSamples {
  static final int RESOURCES = 4;

  /** 2026-01-01T00:00:00Z in microseconds. */
  static final long START = 1_767_225_600_000_000L;

  private TestSamples() {}

  /** Samples from one number to another, which is left out, over a few resources in turn. */
  static List<Outgoing> numbered(int from, int to) {
    List<Outgoing> samples = new ArrayList<>();
    for (int i = from; i < to; i++) {
      samples.add(numbered(i));
    }
    return samples;
  }

  static Outgoing numbered(int i) {
    return outgoing(MeterType.GAUGE, "disk.usage", "r" + i % RESOURCES, i, Map.of(), Map.of());
  }

  /** One sample with all that a sample can have, but for a project. */
  static Outgoing full() {
    return outgoing(
        MeterType.CUMULATIVE,
        "cpu",
        "r1",
        120_000_000_000.0,
        Map.of("flavor", Map.of("ram", 512L), "tags", List.of("x", "\u00e9")),
        Map.of("core", "1"));
  }

  static Outgoing outgoing(
      MeterType type,
      String meter,
      String resource,
      double volume,
      Map<String, ?> metadata,
      Map<String, String> dimensions) {
    Series series =
        new Series("test", meter, type, "ns", resource, null, "u1", new TreeMap<>(dimensions));
    long second = (long) (volume % 1_000_000);
    long timestamp = START + second * 1_000_000L;
    return new Outgoing(
        SampleId.of(series, timestamp, SampleKey.NONE),
        new Sample(series, timestamp, volume, SampleKey.NONE, Metadata.of(metadata)),
        START / 1_000_000 + 9);
  }
}
