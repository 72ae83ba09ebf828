package io.sonde.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SeriesTest {
  @Test
  void refusesWhatNoRowCanHold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> series("r\0", Map.of()))
        .withMessage("resource has the character U+0000 at 1, which cannot be stored");
    assertThatIllegalArgumentException().isThrownBy(() -> series("\ud800", Map.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> series("\udc00\ud800", Map.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> series("r", Map.of("a", "\0")));
    assertThatIllegalArgumentException().isThrownBy(() -> series("r", Map.of("\0", "a")));
    assertThat(series("\ud83d\ude00", Map.of()).resourceId()).isEqualTo("\ud83d\ude00");
  }

  @Test
  void refusesWhatDoesNotFitIntoAMessage() {
    String longest = "x".repeat(Series.MAX_TEXT);
    assertThat(series(longest, Map.of()).resourceId()).isEqualTo(longest);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> series(longest + "x", Map.of()))
        .withMessage("resource has 1025 characters, at most 1024 are stored");
    Map<String, String> labels = new TreeMap<>();
    for (int i = 0; i < Series.MAX_DIMENSIONS; i++) {
      labels.put("label" + i, "value");
    }
    assertThat(series("r", labels).dimensions()).hasSize(Series.MAX_DIMENSIONS);
    labels.put("more", "");
    assertThatIllegalArgumentException().isThrownBy(() -> series("r", labels));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                series(
                    longest,
                    Map.of(
                        "a", longest, "b", longest, "c", longest, "d", longest, "e", longest, "f",
                        longest, "g", longest, "h", longest, "i", longest)))
        .withMessageContaining("at most 10240 are stored");
  }

  @Test
  void aQuestionForWhatNoRowCanHoldMatchesNothing() {
    assertThat(new SeriesFilter(Map.of(SeriesField.METER, "a\0")).isSatisfiable()).isFalse();
    assertThat(new SeriesFilter(Map.of(SeriesField.METER, "a")).isSatisfiable()).isTrue();
  }

  private static Series series(String resource, Map<String, String> labels) {
    SortedMap<String, String> sorted = Series.dimensions(labels);
    return new Series("s", "m", MeterType.GAUGE, "B", resource, "p", null, sorted);
  }
}
