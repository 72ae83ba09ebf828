package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Monotonic;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchCodecTest {
  @Test
  void whatIsEncodedIsDecoded() {
    Random random = Seed.random();
    for (int round = 0; round < 500; round++) {
      List<Sample> samples = samples(random, random.nextInt(50));
      SampleBatch decoded = BatchCodec.decode(BatchCodec.encode(SampleBatch.of(samples)));
      assertThat(decoded.samples()).isEqualTo(samples);
    }
  }

  @Test
  void whenItWasReadTravelsWithABatch() {
    SampleBatch batch =
        SampleBatch.of(samples(Seed.random(), 5)).readAt(new Monotonic(Long.MIN_VALUE, -3));
    SampleBatch decoded = BatchCodec.decode(BatchCodec.encode(batch));
    assertThat(decoded.monotonic()).isEqualTo(batch.monotonic());
    assertThat(decoded.samples()).isEqualTo(batch.samples());
  }

  @Test
  void whatIsKnownIsNotMadeAnew() {
    Random random = Seed.random();
    BatchCaches known = new BatchCaches(1 << 20);
    for (int round = 0; round < 500; round++) {
      List<Sample> samples = samples(random, random.nextInt(50));
      byte[] bytes = BatchCodec.encode(SampleBatch.of(samples));
      SampleBatch first = BatchCodec.read(new ByteReader(bytes), known);
      SampleBatch second = BatchCodec.read(new ByteReader(bytes), known);
      assertThat(first.samples()).isEqualTo(samples);
      assertThat(second.samples()).isEqualTo(samples);
      for (int i = 0; i < first.seriesCount(); i++) {
        assertThat(second.seriesAt(i)).isSameAs(first.seriesAt(i));
      }
    }
  }

  @Test
  void damageIsNeverAnythingButRefusedOrABatch() {
    Random random = Seed.random();
    for (int round = 0; round < 30; round++) {
      byte[] bytes = BatchCodec.encode(SampleBatch.of(samples(random, 5)));
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> BatchCodec.decode(cut)).isInstanceOf(CorruptDataException.class);
      }
      for (int bit = 0; bit < bytes.length * 8; bit++) {
        byte[] damaged = bytes.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        try {
          BatchCodec.decode(damaged);
          BatchCodec.read(new ByteReader(damaged), new BatchCaches(1 << 20));
        } catch (CorruptDataException expected) {
          // there is no checksum: what still reads as a batch is one
        }
      }
    }
  }

  @Test
  void goldenBytes() {
    Series series =
        new Series(
            "s",
            "cpu",
            MeterType.CUMULATIVE,
            "ns",
            "r",
            null,
            "",
            Series.dimensions(Map.of("a", "b")));
    Metadata metadata = Metadata.of(Map.of("h", 1L));
    String golden =
        "010102730463707502036e7302720001010261026201087b2268223a317d"
            + "0100d00f3ff800000000000000010000000000000009";
    assertThat(
            HexFormat.of()
                .formatHex(
                    BatchCodec.encode(
                        SampleBatch.of(List.of(new Sample(series, 1000, 1.5, 9, metadata))))))
        .isEqualTo(golden);
  }

  private static List<Sample> samples(Random random, int count) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Series series =
          new Series(
              "s",
              "m" + random.nextInt(3),
              MeterType.ofCode(random.nextInt(3)),
              random.nextBoolean() ? "" : "ü",
              "r" + random.nextInt(3),
              random.nextBoolean() ? null : "",
              random.nextBoolean() ? null : "u",
              Series.dimensions(random.nextBoolean() ? Map.of() : Map.of("😀", "v", "b", "")));
      samples.add(
          new Sample(
              series,
              random.nextLong(),
              random.nextInt(5) == 0 ? -0.0 : random.nextGaussian(),
              random.nextBoolean() ? 0 : random.nextLong(),
              random.nextBoolean() ? Metadata.EMPTY : Metadata.of(Map.of("k", (long) i))));
    }
    return samples;
  }
}
