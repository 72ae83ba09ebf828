package io.sonde.pipeline;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.pipeline.PipelineStage.Advanced;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a sample costs in the transformers of a sink: 10,000 series of 1,000 resources in batches of
 * 2,500. {@code rate} is computed, encoded as the journal has it, and taken over into the state;
 * {@code stateless} is a unit_conversion as it runs without a stage.
 *
 * <pre>
 * ns a sample, 2026-11-24, 2 cores AMD EPYC, OpenJDK 17, -f 1 -wi 3 -i 4, a quiet machine
 *   rate       312 ± 68
 *   stateless  102 ± 26
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class StageBenchmark {
  private static final int RESOURCES = 1_000;
  private static final int METERS = 10;
  private static final int BATCH = 2_500;

  private final Series[] series = new Series[RESOURCES * METERS];
  private final Metadata[] metadata = new Metadata[RESOURCES];
  private final SinkDefinition rate = sink("rate_of_change", "rated");
  private final SinkDefinition conversion = sink("unit_conversion", "converted");
  private StageState state;
  private int next;
  private long second = 1_767_225_600L;

  @Setup
  public void setUp() {
    state = StageState.EMPTY;
    for (int r = 0; r < RESOURCES; r++) {
      metadata[r] =
          Metadata.of(
              Map.of("display_name", "instance-" + r, "host", "compute-" + r % 50, "vcpus", 2));
      for (int m = 0; m < METERS; m++) {
        series[r * METERS + m] =
            new Series(
                "openstack",
                "disk.device.meter." + m,
                MeterType.CUMULATIVE,
                "B",
                "6a7b8c9d-0000-4000-8000-00000000" + r,
                "project-" + r % 50,
                "user-" + r % 100,
                Series.NO_DIMENSIONS);
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long rate() {
    Computation computation =
        new Computation(
            rate, "0123456789abcdef", state, Map.of(), state.number(), second * 1_000_000);
    List<Advanced> events = computation.add(batch()).events();
    long bytes = 0;
    for (Advanced event : events) {
      bytes += StageSerializer.encode(event).length;
      state = state.apply(event);
    }
    return bytes;
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public SampleBatch stateless() {
    return StatelessChain.apply(conversion, batch());
  }

  private SampleBatch batch() {
    SampleBatch.Builder batch = new SampleBatch.Builder(BATCH);
    for (int i = 0; i < BATCH; i++) {
      batch.add(
          new Sample(
              series[next],
              second * 1_000_000,
              second * 3.0 + next,
              SampleKey.NONE,
              metadata[next / METERS]));
      next++;
      if (next == series.length) {
        next = 0;
        second += 60;
      }
    }
    return batch.build();
  }

  private static SinkDefinition sink(String transformer, String name) {
    String definition =
        "transformers = [{name = %s, parameters {target {name = %s, scale = 2}}}]"
            .formatted(transformer, name);
    return new SinkDefinition(
        "sink",
        new Transformers()
            .chain(ConfigSection.of(ConfigFactory.parseString(definition), "benchmark")),
        List.of("collector://"));
  }
}
