package io.sonde.ceilometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void whatIsFineStaysAndOthersMoveOutOfTheWay() {
    String tooLong = "x".repeat(101);
    List<String> given =
        List.of("cpu source", "cpu/source", "cpu-source", "a.b_c-9", "", "größe", tooLong);
    Names names = new Names(given);

    assertThat(given.stream().map(names::of))
        .containsExactly(
            "cpu-source-2",
            "cpu-source-3",
            "cpu-source",
            "a.b_c-9",
            "unnamed",
            "gr-e",
            "x".repeat(92));
  }
}
