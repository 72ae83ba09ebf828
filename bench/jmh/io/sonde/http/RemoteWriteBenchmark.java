package io.sonde.http;

import com.typesafe.config.ConfigFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
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
import org.xerial.snappy.Snappy;

/**
 * What a sample of remote write costs until it stands in a batch: requests of 2,500 series with one
 * sample each, of the metering workload (meter, resource, project, user), four of them in turn so
 * that all 10,000 series are met.
 *
 * <pre>
 * ns a sample of 194 bytes, 2026-11-24, 2 cores AMD EPYC, OpenJDK 17, -f 1 -wi 3 -i 4
 *   decompress            56 ± 52
 *   decompressAndRead    128 ± 101
 *   readUnknown         1720 ± 930
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class RemoteWriteBenchmark {
  private static final int REQUESTS = 4;
  private static final int SAMPLES = 2_500;
  private static final String[] METERS = {
    "cpu", "cpu_util", "memory_usage", "disk_read_bytes", "disk_write_bytes",
    "network_incoming_bytes", "network_outgoing_bytes", "disk_ephemeral_size", "instance", "memory"
  };

  private final byte[][] blocks = new byte[REQUESTS][];
  private final byte[][] messages = new byte[REQUESTS][];
  private final RemoteWriteMapping mapping =
      new RemoteWriteMapping(
          RemoteWriteSettings.from(
              ConfigFactory.parseResources("application.conf").getConfig("sonde.remote-write")));
  private final RemoteWriteCache cache = new RemoteWriteCache(128L << 20);
  private int next;
  private String resource;
  private String project;
  private String user;

  /** Writes the requests. */
  @Setup
  public void write() throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    for (int request = 0; request < REQUESTS; request++) {
      ByteArrayOutputStream message = new ByteArrayOutputStream();
      for (int i = 0; i < SAMPLES; i++) {
        if (i % METERS.length == 0) {
          resource = new UUID(random.nextLong(), random.nextLong()).toString();
          project = String.format("%032x", random.nextInt(50));
          user = String.format("%032x", random.nextInt(100));
        }
        ByteArrayOutputStream series = new ByteArrayOutputStream();
        label(series, "__name__", METERS[i % METERS.length]);
        label(series, "project_id", project);
        label(series, "resource_id", resource);
        label(series, "user_id", user);
        ByteBuffer sample = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        sample.put((byte) 0x09).putDouble(random.nextInt(1_000_000) / 1000.0).put((byte) 0x10);
        long millis = 1_767_225_600_000L;
        for (; millis > 0x7f; millis >>>= 7) {
          sample.put((byte) (millis | 0x80));
        }
        sample.put((byte) millis);
        field(series, 0x12, sample.array());
        field(message, 0x0a, series.toByteArray());
      }
      messages[request] = message.toByteArray();
      blocks[request] = Snappy.compress(messages[request]);
    }
  }

  /** Decompressing and reading; every series is known. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public int decompressAndRead() {
    byte[] block = blocks[next++ % REQUESTS];
    int length = SnappyBlock.uncompressedLength(block, 64 << 20);
    return read(SnappyBlock.uncompress(block, length), length, cache);
  }

  /** The part of it that snappy takes. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public byte[] decompress() {
    byte[] block = blocks[next++ % REQUESTS];
    return SnappyBlock.uncompress(block, SnappyBlock.uncompressedLength(block, 64 << 20));
  }

  /** Reading; no series is known. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public int readUnknown() {
    byte[] message = messages[next++ % REQUESTS];
    return read(message, message.length, new RemoteWriteCache(128L << 20));
  }

  private int read(byte[] message, int length, RemoteWriteCache known) {
    return new RemoteWriteReader(
            message, length, known, mapping, Caller.UNRESTRICTED, timestamp -> null)
        .read()
        .batch()
        .size();
  }

  private static void label(ByteArrayOutputStream out, String name, String value) {
    ByteArrayOutputStream label = new ByteArrayOutputStream();
    field(label, 0x0a, name.getBytes(StandardCharsets.UTF_8));
    field(label, 0x12, value.getBytes(StandardCharsets.UTF_8));
    field(out, 0x0a, label.toByteArray());
  }

  private static void field(ByteArrayOutputStream out, int tag, byte[] bytes) {
    out.write(tag);
    int length = bytes.length;
    for (; length > 0x7f; length >>>= 7) {
      out.write(length & 0x7f | 0x80);
    }
    out.write(length);
    out.writeBytes(bytes);
  }
}
