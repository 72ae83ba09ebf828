package io.sonde.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameFilterTest {
  private static final String PATH = "sonde.pipeline.sources[0].meters";

  @ParameterizedTest
  @CsvSource({
    "*, disk.read.bytes, true",
    "disk.*, disk.read.bytes, true",
    "disk.*, diskXread, false",
    "disk.*, disk, false",
    "cp?, cpu, true",
    "cp?, cpuu, false",
    "CPU, cpu, false",
    "[cm]pu, mpu, true",
    "[a-c]pu, dpu, false",
    "[!a-c]pu, dpu, true",
    "[!a-c]pu, cpu, false",
    "'[]x]pu', ']pu', true",
    "'[^c]pu', '^pu', true",
    "'[^c]pu', 'dpu', false",
    "'[a&&b]', '&', true",
    "'[cpu', '[cpu', true",
    "'a+(b)', 'a+(b)', true",
    "'!disk.*', cpu, true",
    "'!disk.*', disk.read, false",
  })
  void matchesLikeAShell(String pattern, String meter, boolean expected) {
    assertThat(NameFilter.of(List.of(pattern), PATH).matches(meter)).isEqualTo(expected);
  }

  @Test
  void exclusionsDecideBeforeInclusions() {
    NameFilter filter = NameFilter.of(List.of("disk.*", "!disk.read*"), PATH);

    assertThat(filter.matches("disk.write.bytes")).isTrue();
    assertThat(filter.matches("disk.read.bytes")).isFalse();
    assertThat(filter.matches("cpu")).isFalse();
    assertThat(NameFilter.of(List.of("!cpu", "*"), PATH).matches("cpu")).isFalse();
  }

  @Test
  void refusesWhatIsNoFilter() {
    assertRefused(List.of(), PATH + ": \"[]\" is not a list of at least one pattern");
    assertRefused(List.of("cpu", " "), PATH + "[1]: \" \" is not a pattern");
    assertRefused(List.of("!"), PATH + "[0]: \"!\" is not a pattern");
    assertRefused(List.of("cpu", "*"), PATH + "[1]: \"*\" is not of use beside other inclusions");
    assertRefused(List.of("[z-a]"), PATH + "[0]: \"[z-a]\" is not a pattern: ");
  }

  private static void assertRefused(List<String> patterns, String message) {
    assertThatThrownBy(() -> NameFilter.of(patterns, PATH))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(message);
  }
}
