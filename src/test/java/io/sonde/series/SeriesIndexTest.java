package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeriesIndexTest {
  @Test
  void findsAllThatAFilterMatchesAndFewOthers() {
    Random random = Seed.random();
    SeriesIndex index = new SeriesIndex();
    List<Series> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Series series =
          new Series(
              "s",
              "m" + i % 10,
              MeterType.GAUGE,
              "",
              "r" + i / 10,
              "p" + i % 3,
              null,
              Series.NO_DIMENSIONS);
      index.add(i, series);
      all.add(series);
    }
    for (int round = 0; round < 200; round++) {
      Map<SeriesField, String> equal = new HashMap<>();
      if (random.nextBoolean()) {
        equal.put(SeriesField.METER, "m" + random.nextInt(12));
      }
      if (random.nextBoolean()) {
        equal.put(SeriesField.RESOURCE_ID, "r" + random.nextInt(120));
      }
      if (random.nextBoolean()) {
        equal.put(SeriesField.PROJECT_ID, random.nextBoolean() ? null : "p0");
      }
      SeriesFilter filter = new SeriesFilter(equal);
      List<Series> found = index.candidates(filter).mapToObj(all::get).toList();
      assertThat(found).doesNotHaveDuplicates();
      assertThat(found.stream().filter(filter::matches))
          .containsExactlyElementsOf(all.stream().filter(filter::matches).toList());
      if (equal.containsKey(SeriesField.RESOURCE_ID)) {
        assertThat(found).hasSizeLessThanOrEqualTo(10);
      } else if (equal.containsKey(SeriesField.METER)) {
        assertThat(found).hasSizeLessThanOrEqualTo(100);
      }
    }
  }
}
