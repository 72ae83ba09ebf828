package io.sonde.http;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
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
 * Ceilometer's samples from JSON to a batch: 10,000 series of 1,000 resources, 2,500 samples a
 * push, about 466 bytes a sample; two polls in turn.
 *
 * <pre>
 * ns a sample, 2026-11-24, 2 cores AMD EPYC, OpenJDK 17, -f 1 -wi 3 -i 4
 *   tokens   610 ± 18    what Jackson takes to find the tokens
 *   parse    208 ± 102   most samples are written like the last one of their series
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class SampleParserBenchmark {
  private static final int RESOURCES = 1_000;
  private static final int PUSHES = 4;
  private static final int POLLS = 2;
  private static final String[][] METERS = {
    {"cpu", "cumulative", "ns"},
    {"cpu_util", "gauge", "%"},
    {"memory.usage", "gauge", "MB"},
    {"disk.read.bytes", "cumulative", "B"},
    {"disk.write.bytes", "cumulative", "B"},
    {"network.incoming.bytes", "cumulative", "B"},
    {"network.outgoing.bytes", "cumulative", "B"},
    {"disk.ephemeral.size", "gauge", "GB"},
    {"instance", "gauge", "instance"},
    {"memory", "gauge", "MB"},
  };
  private static final int SAMPLES = RESOURCES / PUSHES * 10;

  private final PushContext context = new PushContext(null, Caller.UNRESTRICTED, null);
  private final SampleParser parser = new SampleParser(() -> 0, timestamp -> null);
  private final byte[][] bodies = new byte[PUSHES * POLLS][];
  private int next;

  /** Writes the pushes. */
  @Setup
  public void write() {
    Random random = new Random(1);
    String[] resources = ids(RESOURCES, random);
    String[] projects = ids(50, random);
    String[] users = ids(100, random);
    int messages = 0;
    for (int push = 0; push < bodies.length; push++) {
      StringBuilder out = new StringBuilder("[");
      int from = push % PUSHES * (RESOURCES / PUSHES);
      for (int r = from; r < from + RESOURCES / PUSHES; r++) {
        for (int m = 0; m < METERS.length; m++) {
          out.append(out.length() == 1 ? "" : ",")
              .append("{\"counter_name\":\"" + METERS[m][0])
              .append("\",\"counter_type\":\"" + METERS[m][1])
              .append("\",\"counter_unit\":\"" + METERS[m][2])
              .append("\",\"resource_id\":\"" + resources[r])
              .append("\",\"project_id\":\"" + projects[r % 50].replace("-", ""))
              .append("\",\"user_id\":\"" + users[r % 100].replace("-", ""))
              .append("\",\"resource_metadata\":{\"display_name\":\"vm-" + r)
              .append("\",\"flavor.name\":\"m1.small\",\"host\":\"compute-" + r % 40)
              .append("\",\"status\":\"active\"},\"source\":\"openstack\",\"counter_volume\":")
              .append(volume(m, random))
              .append(",\"timestamp\":\"2026-01-01T00:0" + push / PUSHES)
              .append(":00\",\"message_id\":\"017b3a40-0000-4000-8000-")
              .append(String.format(Locale.ROOT, "%012x\"}", messages++));
        }
      }
      bodies[push] = out.append(']').toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  private static String[] ids(int count, Random random) {
    String[] ids = new String[count];
    for (int i = 0; i < count; i++) {
      ids[i] = new UUID(random.nextLong(), random.nextLong()).toString();
    }
    return ids;
  }

  private static String volume(int meter, Random random) {
    return switch (meter) {
      case 0 -> Long.toString(random.nextLong(1_000_000_000_000_000L));
      case 1 -> Double.toString(random.nextInt(100_000) / 1000.0);
      case 2 -> Double.toString(random.nextInt(1_000_000) / 100.0);
      case 7, 8, 9 -> Integer.toString(1 << meter);
      default -> Long.toString(random.nextLong(10_000_000_000L));
    };
  }

  private byte[] body() {
    next = (next + 1) % bodies.length;
    return bodies[next];
  }

  /** All of it. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public Object parse() {
    return parser.parse(body(), context);
  }

  /** What Jackson takes to find the tokens alone. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public int tokens() throws IOException {
    int tokens = 0;
    try (JsonParser json = JsonTree.FACTORY.createParser(body())) {
      while (json.nextToken() != null) {
        tokens++;
      }
    }
    return tokens;
  }
}
