package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.NameFilter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "['*']|*",
        "[cpu, disk.*]|cpu,disk.*",
        "['*', '!cpu']|*,!cpu",
        "['!cpu', '!disk*']|!cpu,!disk*",
        "['*.rate', '!disk*']|*.rate,!disk*",
        "[cpu, cpu]|cpu",
        "['*', '*']|*",
        "['[cm]pu', 'a?c']|[cm]pu,a?c",
      })
  void whatBothTakeAlikeNeedsNoWord(String list, String expected) {
    Remarks remarks = new Remarks();
    List<String> patterns = read(list, remarks).patterns();

    assertThat(String.join(",", patterns)).isEqualTo(expected);
    assertThat(remarks.sorted()).isEmpty();
    NameFilter.of(patterns, "");
  }

  @Test
  void whatOnlySondeTakesIsTakenAndSaid() {
    Remarks remarks = new Remarks();

    assertThat(read("\n  - disk.*\n  - '!disk.read*'", remarks).patterns())
        .containsExactly("disk.*", "!disk.read*");
    assertThat(shown(remarks))
        .containsExactly(
            "f:1: note: Ceilometer refuses this list (Both included and excluded meters specified);"
                + " here what the exclusions leave of the inclusions is taken");
  }

  @Test
  void whatOnlyCeilometerTakesIsReducedToWhatItMeans() {
    Remarks remarks = new Remarks();

    assertThat(read("\n  - '*'\n  - '*.rate'\n  - '!'", remarks).patterns()).containsExactly("*");
    assertThat(read("['!']", remarks).patterns()).containsExactly("*");
    assertThat(shown(remarks))
        .containsExactly(
            "f:1: note: \"!\" is left out: no name matches it",
            "f:3: note: \"*.rate\" is left out: \"*\" takes all",
            "f:4: note: \"!\" is left out: no name matches it");
  }

  @Test
  void exclusionsAloneTakeAllButInclusionsThatMatchNothingDoNot() {
    Remarks remarks = new Remarks();

    assertThat(read("['', '[z-a]', '!cpu']", remarks).patterns()).isEmpty();
    assertThat(shown(remarks)).contains("f:1: lost: none of these patterns matches anything");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|f:1: No meters specified",
        "|f:1: No meters specified",
        "['*', cpu]|f:1: Included meters specified with wildcard",
        "[cpu, [disk]]|f:1: expected a pattern, found a list",
        "cpu|f:1: expected a list of patterns of meters, found cpu",
        "{a: b}|f:1: expected a list of patterns of meters, found a map",
      })
  void whatBothRefuseIsRefused(String list, String message) {
    refused(() -> read(list == null ? "" : list, new Remarks())).withMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "['*']|[cpu]|true",
        "[cpu, disk]|[memory, disk]|true",
        "[cpu]|[memory]|false",
        "['*', '!cpu']|[cpu]|false",
        "['disk.*']|[disk.read]|true",
        "['disk.*']|[cpu]|false",
        "['disk.*']|['cpu.*']|true",
        "['!cpu']|[memory]|true",
      })
  void filtersMayOverlap(String one, String other, boolean expected) {
    Remarks remarks = new Remarks();
    assertThat(read(one, remarks).mayOverlap(read(other, remarks))).isEqualTo(expected);
    assertThat(read(other, remarks).mayOverlap(read(one, remarks))).isEqualTo(expected);
  }

  private static Filter read(String list, Remarks remarks) {
    return Filter.of(parse("meters: " + list).map("").get("meters"), "meters", remarks);
  }
}
