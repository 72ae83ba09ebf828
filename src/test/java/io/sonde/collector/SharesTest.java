package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharesTest {
  private static final int MESSAGE_BYTES = 128 * 1024;

  @Test
  void everySampleGoesToItsOwnerInOrder() {
    Random random = Seed.random();
    for (int round = 0; round < 100; round++) {
      int collectors = 1 + random.nextInt(5);
      List<Sample> samples = samples(random, random.nextInt(3_000));
      Map<Series, List<Sample>> expected = bySeries(samples);
      List<Sample> shared = new ArrayList<>();
      List<Shares.Share> shares =
          Shares.of(
              SampleBatch.of(samples),
              collectors,
              one -> owner(one.resourceId(), collectors),
              Shares.TRAVELLING_BYTES);
      for (Shares.Share share : shares) {
        assertThat(BatchCodec.encode(share.samples())).hasSizeLessThan(MESSAGE_BYTES);
        assertThat(share.samples().isEmpty()).isFalse();
        for (Sample sample : share.samples().samples()) {
          assertThat(owner(sample.series().resourceId(), collectors)).isEqualTo(share.collector());
          shared.add(sample);
        }
      }
      assertThat(bySeries(shared)).isEqualTo(expected);
    }
  }

  @Test
  void whatStaysOnItsNodeIsOneShareForEachOwner() {
    List<Sample> samples = samples(Seed.random(), 3_000);

    List<Shares.Share> shares =
        Shares.of(
            SampleBatch.of(samples), 3, one -> owner(one.resourceId(), 3), Shares.STAYING_BYTES);

    assertThat(shares).extracting(Shares.Share::collector).containsExactlyInAnyOrder(0, 1, 2);
    assertThat(shares)
        .extracting(share -> share.samples().size())
        .satisfies(
            sizes -> assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(3_000));
  }

  private static List<Sample> samples(Random random, int size) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      samples.add(
          new Sample(
              new Series(
                  "s",
                  "meter" + random.nextInt(5),
                  MeterType.GAUGE,
                  "ü".repeat(random.nextInt(20)),
                  "r" + random.nextInt(50),
                  null,
                  "u",
                  Series.NO_DIMENSIONS),
              i,
              random.nextDouble(),
              random.nextInt(2),
              Metadata.of(Map.of("k", "x".repeat(random.nextInt(30) * 100)))));
    }
    return samples;
  }

  private static Map<Series, List<Sample>> bySeries(List<Sample> samples) {
    Map<Series, List<Sample>> bySeries = new HashMap<>();
    samples.forEach(
        sample -> bySeries.computeIfAbsent(sample.series(), one -> new ArrayList<>()).add(sample));
    return bySeries;
  }

  private static int owner(String resourceId, int collectors) {
    return Math.floorMod(resourceId.hashCode(), collectors);
  }
}
