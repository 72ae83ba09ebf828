package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.MeterType;
import io.sonde.model.Series;
import org.junit.jupiter.api.Test;

class SeriesCacheTest {
  private final SeriesCache cache = new SeriesCache(10_000);

  @Test
  void eachFieldMakesAnotherSeries() {
    Series series = cache.get("s", "m", MeterType.GAUGE, "B", "r", "p", "u");

    assertThat(series)
        .isEqualTo(new Series("s", "m", MeterType.GAUGE, "B", "r", "p", "u", Series.NO_DIMENSIONS));
    // Equal texts, not the same objects.
    assertThat(cache.get("s", "m", MeterType.GAUGE, "B", new String("r".toCharArray()), "p", "u"))
        .isSameAs(series);
    assertThat(cache.get("x", "m", MeterType.GAUGE, "B", "r", "p", "u").source()).isEqualTo("x");
    assertThat(cache.get("s", "x", MeterType.GAUGE, "B", "r", "p", "u").meter()).isEqualTo("x");
    assertThat(cache.get("s", "m", MeterType.DELTA, "B", "r", "p", "u").type())
        .isEqualTo(MeterType.DELTA);
    assertThat(cache.get("s", "m", MeterType.GAUGE, "x", "r", "p", "u").unit()).isEqualTo("x");
    assertThat(cache.get("s", "m", MeterType.GAUGE, "B", "x", "p", "u").resourceId())
        .isEqualTo("x");
    assertThat(cache.get("s", "m", MeterType.GAUGE, "B", "r", null, "u").projectId()).isNull();
    assertThat(cache.get("s", "m", MeterType.GAUGE, "B", "r", "p", null).userId()).isNull();
    assertThat(cache.get("s", "m", MeterType.GAUGE, "B", "r", "p", "u")).isSameAs(series);
  }

  @Test
  void seriesThatClashOrAreForgottenAreMadeAgain() {
    // All of one hash: strings of "Aa" and "BB" of one length have the same one.
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 1 << 10; i++) {
        StringBuilder resource = new StringBuilder();
        for (int bit = 0; bit < 10; bit++) {
          resource.append((i >> bit & 1) == 0 ? "Aa" : "BB");
        }
        Series series = cache.get("s", "m", MeterType.GAUGE, "B", resource.toString(), null, null);
        assertThat(series.resourceId()).isEqualTo(resource.toString());
      }
    }
  }

  @Test
  void whatCannotBeStoredIsRefusedEachTime() {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> cache.get("s", "m", MeterType.GAUGE, "B", "\0", null, null))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
