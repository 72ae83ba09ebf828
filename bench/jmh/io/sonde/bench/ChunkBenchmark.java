package io.sonde.bench;

import io.sonde.model.Metadata;
import io.sonde.series.Block;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.ChunkDirectory;
import io.sonde.series.Columns;
import io.sonde.series.VolumeSummary;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a sample costs in chunks of 240: writing payload and directory, reading either, adding up.
 *
 * <p>2026-11-24, 2 cores AMD EPYC, OpenJDK 17, ns a sample (-f 1 -wi 2 -w 1 -i 3 -r 1), a quiet
 * machine; where the error is larger than the figure an iteration met other work.
 *
 * <pre>
 *                  counter     decimals    constant    doubles
 * encode           114 ± 1970  41 ± 2      23 ± 7      72 ± 700
 * decode             8 ± 1     10 ± 2       7 ± 4       9 ± 4
 * aggregate          3 ± 2      3.2 ± 0.5   3.0 ± 0.1   3.2 ± 0.7
 * aggregateHours     1.2 ± 0.6  2 ± 3       0.8 ± 2     1.8 ± 1.6
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChunkBenchmark {
  private static final int SAMPLES = 240;
  private static final int CHUNKS = 64;
  private static final long START = 1_767_225_600L;

  @Param({"counter", "decimals", "constant", "doubles"})
  public String volumes;

  private final Columns[] columns = new Columns[CHUNKS];
  private final Chunk[] chunks = new Chunk[CHUNKS];

  @Setup
  public void setUp() {
    Random random = new Random(1);
    for (int i = 0; i < CHUNKS; i++) {
      double[] last = {random.nextInt(1_000_000_000)};
      long[] milli = {50_000};
      IntToDoubleFunction volume =
          switch (volumes) {
            case "counter" -> at -> last[0] += random.nextInt(8_000_000);
            case "decimals" -> at -> (milli[0] += random.nextInt(4_001) - 2_000) / 1000.0;
            case "constant" -> at -> 4_096;
            default -> at -> last[0] += random.nextGaussian();
          };
      Block block = new Block();
      for (int at = 0; at < SAMPLES; at++) {
        long time = START + at * 60L;
        block.add(
            time * 1_000_000, volume.applyAsDouble(at), 0, Metadata.EMPTY.id(), time + at % 2);
      }
      columns[i] = block.freeze();
      chunks[i] = ChunkCodec.encode(columns[i]);
    }
  }

  @Benchmark
  @OperationsPerInvocation(SAMPLES * CHUNKS)
  public long encode() {
    long bytes = 0;
    for (Columns one : columns) {
      bytes += ChunkCodec.encode(one).bytes();
    }
    return bytes;
  }

  @Benchmark
  @OperationsPerInvocation(SAMPLES * CHUNKS)
  public long decode() {
    long samples = 0;
    for (Chunk chunk : chunks) {
      samples += ChunkCodec.decode(chunk.payload()).size();
    }
    return samples;
  }

  @Benchmark
  @OperationsPerInvocation(SAMPLES * CHUNKS)
  public double aggregate() {
    VolumeSummary summary = new VolumeSummary();
    for (Columns one : columns) {
      summary.add(one, 0, SAMPLES);
    }
    return summary.sum();
  }

  @Benchmark
  @OperationsPerInvocation(SAMPLES * CHUNKS)
  public double aggregateHours() {
    VolumeSummary summary = new VolumeSummary();
    for (Chunk chunk : chunks) {
      ChunkDirectory directory = ChunkDirectory.decode(chunk.directory());
      for (int h = 0; h < directory.hours(); h++) {
        summary.add(directory, h);
      }
    }
    return summary.sum();
  }
}
