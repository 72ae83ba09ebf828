package io.sonde.publish;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Samples told by a number, of eight resources. */
final class OutgoingSamples {
  private static final long START = 1_767_225_600_000_000L;

  private OutgoingSamples() {}

  static Sample sample(int i) {
    return new Sample(
        new Series("test", "m", MeterType.GAUGE, "B", "r" + i % 8, null, "u", Series.NO_DIMENSIONS),
        START + i * 1_000L,
        i,
        SampleKey.ofMessageId("id" + i),
        Metadata.of(Map.of("n", (long) (i / 50))));
  }

  static Outgoing outgoing(int i) {
    Sample sample = sample(i);
    return new Outgoing(
        SampleId.of(sample.series(), sample.timestamp(), sample.key()), sample, START / 1_000_000);
  }

  /** Those with the numbers in [from, to). */
  static List<Outgoing> range(int from, int to) {
    return IntStream.range(from, to).mapToObj(OutgoingSamples::outgoing).toList();
  }

  /** The number of a sample. */
  static int number(Outgoing outgoing) {
    return (int) outgoing.sample().volume();
  }
}
