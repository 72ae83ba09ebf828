package io.sonde.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleIdTest {
  @Test
  void saysSeriesTimeAndKey() {
    Series series = series("r", null, Map.of());
    String id = SampleId.of(series, 0x0006473b12345678L, SampleKey.NONE);
    assertThat(id).matches("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-0006-473b12345678");
    assertThat(SampleId.of(series, 0x0006473b12345678L, 0xabcL))
        .isEqualTo(id + "-0000000000000abc");
    assertThat(SampleId.of(series, -1, 0)).endsWith("-ffff-ffffffffffff");
  }

  @Test
  void everythingThatIdentifiesASeriesCounts() {
    Set<Long> identities = new HashSet<>();
    Series[] different = {
      series("r", null, Map.of()),
      series("r", "", Map.of()),
      series("r", "-", Map.of()),
      series("r1", null, Map.of()),
      series("r", null, Map.of("a", "b")),
      series("r", null, Map.of("ab", "")),
      series("r", null, Map.of("", "ab")),
      series("r", null, Map.of()).as("m", MeterType.DELTA, ""),
      series("r", null, Map.of()).as("m", MeterType.GAUGE, "1"),
      series("r", null, Map.of()).as("m1", MeterType.GAUGE, ""),
    };
    for (Series one : different) {
      identities.add(SampleId.identity(one));
    }
    assertThat(identities).hasSize(different.length);
  }

  @Test
  void saysWhereTheSampleLies() {
    Series series = series("r", "p", Map.of("a", "b"));
    for (long timestamp : new long[] {0, -1, 1_462_537_096_500_000L, Long.MIN_VALUE}) {
      for (long key : new long[] {SampleKey.NONE, 1, -1}) {
        assertThat(SampleId.parse(SampleId.of(series, timestamp, key)))
            .isEqualTo(new SampleId.Place(SampleId.identity(series), timestamp, key));
      }
    }
    String id = SampleId.of(series, 1, 2);
    for (String other :
        List.of("", "x", id + "0", id.substring(1), id.toUpperCase(Locale.ROOT), " " + id)) {
      assertThat(SampleId.parse(other)).as(other).isNull();
    }
    assertThat(SampleId.parse(SampleId.of(series, 1, 0) + "-0000000000000000")).isNull();
  }

  /** Ids are given out and stored: they must never change. */
  @Test
  void neverChanges() {
    assertThat(SampleKey.ofMessageId("")).isEqualTo(0xefd01f60ba992926L);
    assertThat(SampleKey.ofMessageId("5460acce-4fd6-480d-ab18-9735ec7b1996"))
        .isEqualTo(0x73c0c48b39694624L)
        .isNotEqualTo(SampleKey.ofMessageId("5460acce-4fd6-480d-ab18-9735ec7b1997"));
    assertThat(SampleKey.ofMessageId("\u00e9")).isEqualTo(0x9d55ccb9ba86763bL);
    assertThat(SampleId.of(series("r", "p", Map.of("a", "b")), 1, 2))
        .isEqualTo("0e482212-839c-af17-0000-000000000001-0000000000000002");
  }

  @Test
  void theKeyOfBytesIsThatOfTheirText() {
    for (String id :
        List.of("", "m", "5460acce-4fd6-480d-ab18-9735ec7b1996", "\u00e9\ud83d\ude00")) {
      byte[] around = ("<" + id + ">").getBytes(StandardCharsets.UTF_8);
      assertThat(SampleKey.ofMessageId(around, 1, around.length - 1))
          .isEqualTo(SampleKey.ofMessageId(id));
    }
  }

  @Test
  void keysSpread() {
    int[] counts = new int[64];
    for (int i = 0; i < 10_000; i++) {
      long key = SampleKey.ofMessageId("id-" + i);
      assertThat(key).isNotEqualTo(SampleKey.NONE);
      for (int bit = 0; bit < 64; bit++) {
        counts[bit] += (int) (key >>> bit & 1);
      }
      assertThat(SampleKey.random()).isNotEqualTo(SampleKey.NONE);
    }
    for (int count : counts) {
      assertThat(count).isBetween(4_700, 5_300);
    }
  }

  private static Series series(String resource, String project, Map<String, String> labels) {
    return new Series(
        "s", "m", MeterType.GAUGE, "", resource, project, null, Series.dimensions(labels));
  }
}
