package io.sonde.pipeline;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Samples and parameters for tests. */
public final class Samples {
  /** A moment to begin with, in microseconds. */
  public static final long START = 1_700_000_000_000_000L;

  private Samples() {}

  public static Series series(String meter, MeterType type, String unit, String resource) {
    return new Series(
        "openstack", meter, type, unit, resource, "project", "user", Series.NO_DIMENSIONS);
  }

  public static Sample sample(Series series, long second, double volume) {
    return new Sample(
        series, START + second * 1_000_000, volume, SampleKey.NONE, Metadata.of(Map.of("n", 2)));
  }

  /** A cumulative {@code cpu} sample of a resource. */
  public static Sample cpu(String resource, long second, double volume) {
    return sample(series("cpu", MeterType.CUMULATIVE, "ns", resource), second, volume);
  }

  public static SampleBatch batch(Sample... samples) {
    return SampleBatch.of(List.of(samples));
  }

  static ConfigSection parameters(String hocon) {
    return ConfigSection.of(ConfigFactory.parseString(hocon), "parameters");
  }

  /** Pipelines of these sinks, with no sources. */
  static PipelineSettings pipelines(int stagesPerSink, SinkDefinition... sinks) {
    return pipelines(stagesPerSink, Duration.ofDays(1), sinks);
  }

  static PipelineSettings pipelines(
      int stagesPerSink, Duration idleAfter, SinkDefinition... sinks) {
    return new PipelineSettings(
        List.of(),
        List.of(sinks),
        stagesPerSink,
        idleAfter,
        new EventPipelines(List.of(), List.of()),
        "{}",
        "0123456789abcdef");
  }

  /** A sink of the transformers that {@code [{name, parameters}, …]} lists. */
  static SinkDefinition sink(String name, String transformers) {
    return new SinkDefinition(
        name, new Transformers().parse("transformers = " + transformers), List.of("collector://"));
  }

  /** A sink that makes {@code cpu.rate} of cumulative {@code cpu}. */
  static SinkDefinition rateSink(String name) {
    return sink(
        name,
        """
        [{ name = rate_of_change
           parameters { target { name = cpu.rate, unit = "ns/s", type = gauge } } }]
        """);
  }
}
