package io.sonde.bench;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.series.Head;
import java.util.Random;
import java.util.UUID;
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
 * What a sample costs in the head of a collector: 10,000 series that get a sample each, again and
 * again; every 240th fills a block, which is sealed into a chunk, and the chunks leave.
 *
 * <pre>
 * ns a sample, 2026-11-24, 2 cores AMD EPYC, OpenJDK 17, -f 1 -wi 3 -i 4, a quiet machine
 *   append    104 ± 27   sealing included, of which encoding is about 40
 *   find        4.5 ± 0.6
 *   findAnew    8 ± 7
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class HeadBenchmark {
  private static final int SERIES = 10_000;
  private static final int BLOCK = 240;

  private final Random random = new Random(1);
  private final Series[] series = new Series[SERIES];
  private final double[] volumes = new double[SERIES];
  private final UUID metadata = Metadata.EMPTY.id();
  private Head head;
  private long second = 1_767_225_600L;
  private long flush;
  private int round;

  @Setup
  public void setUp() {
    head = new Head();
    head.sealAt(BLOCK);
    for (int i = 0; i < SERIES; i++) {
      series[i] =
          new Series("s", "m", MeterType.CUMULATIVE, "ns", "r" + i, "p", "u", Series.NO_DIMENSIONS);
      head.define(i, series[i]);
    }
  }

  /** With all that follows from it, sealing included. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public long append() {
    second += 60;
    for (int i = 0; i < SERIES; i++) {
      volumes[i] += random.nextInt(8_000_000);
      head.append(i, second * 1_000_000, volumes[i], 0, metadata, second);
    }
    if (++round % BLOCK == 0) {
      head.freeze(++flush, 0);
    }
    return head.samples();
  }

  /** Finding the series of samples that come in the order in which the series were born. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public long find() {
    long sum = 0;
    Head.Entry before = null;
    for (Series one : series) {
      before = head.entry(one, before);
      sum += before.number();
    }
    return sum;
  }

  /** Finding them by their hashes. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public long findAnew() {
    long sum = 0;
    for (Series one : series) {
      sum += head.entry(one).number();
    }
    return sum;
  }
}
