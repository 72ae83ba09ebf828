package io.sonde.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SampleBatchTest {
  @Test
  void seriesAndMetadataStandOnceInTheOrderInWhichTheyCame() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    SampleBatch.Builder builder = new SampleBatch.Builder(0);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      Sample sample =
          new Sample(
              series("r" + random.nextInt(700)),
              i,
              random.nextDouble(),
              random.nextLong(),
              Metadata.of(Map.of("a", random.nextInt(300))));
      samples.add(sample);
      builder.add(sample);
    }

    SampleBatch batch = builder.build();

    assertThat(batch.samples()).as("seed %d", seed).isEqualTo(samples);
    assertThat(List.of(seriesOf(batch)))
        .isEqualTo(samples.stream().map(Sample::series).distinct().toList());
    assertThat(batch.metadataCount())
        .isEqualTo((int) samples.stream().map(Sample::metadata).distinct().count());
  }

  @Test
  void seriesOfOneHashAreToldApart() {
    SampleBatch.Builder builder = new SampleBatch.Builder(2);

    assertThat(series("Aa").hashCode()).isEqualTo(series("BB").hashCode());
    assertThat(builder.ref(series("Aa"))).isZero();
    assertThat(builder.ref(series("BB"))).isEqualTo(1);
    assertThat(builder.ref(series("Aa"))).isZero();
  }

  private static Series[] seriesOf(SampleBatch batch) {
    Series[] all = new Series[batch.seriesCount()];
    for (int i = 0; i < all.length; i++) {
      all[i] = batch.seriesAt(i);
    }
    return all;
  }

  private static Series series(String resource) {
    return new Series("s", "m", MeterType.GAUGE, "B", resource, "p", null, Series.NO_DIMENSIONS);
  }
}
