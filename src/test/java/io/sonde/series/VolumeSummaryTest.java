package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VolumeSummaryTest {
  @Test
  void allWaysToAddAreOne() {
    Random random = Seed.random();
    for (int round = 0; round < 1_000; round++) {
      Columns columns = ChunkCodecTest.randomColumns(random, 1 + random.nextInt(300));
      VolumeSummary oneByOne = new VolumeSummary();
      for (int i = 0; i < columns.size(); i++) {
        oneByOne.add(columns.volume(i));
      }
      VolumeSummary parts = new VolumeSummary();
      int cut = random.nextInt(columns.size());
      parts.add(columns, cut, columns.size());
      parts.add(columns, 0, cut);
      VolumeSummary hours = new VolumeSummary();
      ChunkDirectory directory = ChunkDirectory.decode(ChunkCodec.encode(columns).directory());
      for (int h = directory.hours() - 1; h >= 0; h--) {
        hours.add(directory, h);
      }
      for (VolumeSummary summary : new VolumeSummary[] {parts, hours}) {
        assertThat(summary.count()).isEqualTo(columns.size());
        assertThat(bits(summary.min())).isEqualTo(bits(oneByOne.min()));
        assertThat(bits(summary.max())).isEqualTo(bits(oneByOne.max()));
        assertThat(bits(summary.sum())).isEqualTo(bits(oneByOne.sum()));
        assertThat(bits(summary.mean())).isEqualTo(bits(oneByOne.mean()));
      }
    }
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }
}
