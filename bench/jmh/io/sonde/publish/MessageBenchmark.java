package io.sonde.publish;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.io.IOException;
import java.util.ArrayList;
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
import org.xerial.snappy.Snappy;

/**
 * What publishers spend on the form of a sample, in batches of 1,000 samples of 200 resources, each
 * with metadata of six entries: without the consumer and the way to it.
 *
 * <pre>
 * ns a sample, 2026-11-24, 2 cores AMD EPYC, OpenJDK 17, -f 1 -wi 2 -i 4, with other programs on
 * both cores: to be compared with each other only
 *   otlp              450 ± 390
 *   remoteWrite     1,750 ± 2,000
 *   signedJson      7,080 ± 5,480
 *   signedPacked    7,520 ± 6,000
 *   unsignedPacked  4,610, of which no part stands out: the tree, its packing, the time's text
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 4, time = 3)
@Fork(1)
public class MessageBenchmark {
  private static final int SAMPLES = 1_000;
  private static final int RESOURCES = 200;

  private final MessageSignature signature = new MessageSignature("a secret");
  private final MessageSignature none = new MessageSignature("");
  private final List<Outgoing> batch = new ArrayList<>();

  @Setup
  public void setUp() {
    for (int i = 0; i < SAMPLES; i++) {
      int resource = i / (SAMPLES / RESOURCES);
      Metadata metadata =
          Metadata.of(
              Map.of(
                  "display_name",
                  "instance-" + resource,
                  "flavor",
                  Map.of("name", "m1.small", "ram", 2048L, "vcpus", 1L),
                  "status",
                  "active",
                  "host",
                  "compute-" + resource % 10));
      Series series =
          new Series(
              "openstack",
              "meter." + i % (SAMPLES / RESOURCES),
              MeterType.GAUGE,
              "B",
              "3f1c0a52-9e75-4c8e-8c6f-" + resource,
              "a5c3b0c4d2e14f6f9d8e7a6b5c4d3e2f",
              "b5c3b0c4d2e14f6f9d8e7a6b5c4d3e2f",
              Series.NO_DIMENSIONS);
      long timestamp = 1_767_225_600_000_000L + i;
      batch.add(
          new Outgoing(
              SampleId.of(series, timestamp, 0),
              new Sample(series, timestamp, i * 1.5, 0, metadata),
              1_767_225_600L));
    }
  }

  /** As notifier and kafka: signed, JSON. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public long signedJson() {
    SignedMessages messages = new SignedMessages(signature);
    long bytes = 0;
    for (Outgoing outgoing : batch) {
      bytes += MeteringMessage.json(messages.of(outgoing)).length;
    }
    return bytes;
  }

  /** As udp and tcp: signed, MessagePack. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public long signedPacked() {
    return packed(signature);
  }

  /** The same with an empty secret. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public long unsignedPacked() {
    return packed(none);
  }

  private long packed(MessageSignature of) {
    SignedMessages messages = new SignedMessages(of);
    MessagePacking packing = new MessagePacking();
    long bytes = 0;
    for (Outgoing outgoing : batch) {
      bytes += packing.pack(messages.of(outgoing)).length;
    }
    return bytes;
  }

  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public long remoteWrite() throws IOException {
    return Snappy.compress(RemoteWriteRequest.of(batch).toBytes()).length;
  }

  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public long otlp() {
    return OtlpRequest.of(batch).toBytes().length;
  }
}
