package io.sonde.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SampleExpressionTest {
  private static final String PATH = "sonde.x";
  private static final Series SERIES =
      new Series(
          "openstack", "cpu", MeterType.GAUGE, "ns", "vm", "project", "user", Series.NO_DIMENSIONS);
  private static final long START = 1_700_000_000_000_000L;
  private static final Sample SAMPLE = new Sample(SERIES, START, 7, 0, Metadata.of(Map.of("n", 2)));

  @ParameterizedTest
  @CsvSource({
    "1 + 2 * 3, 7",
    "(1 + 2) * 3, 9",
    "7 / 2, 3.5",
    "7 // 2, 3",
    "-7 // 2, -4",
    "7 % 3, 1",
    "-7 % 3, 2",
    "7 % -3, -2",
    "2 ** 3 ** 2, 512",
    "-2 ** 2, -4",
    "2 ** -1, 0.5",
    "1.5e3 + .5, 1500.5",
    "10 - 2 - 3, 5",
    "- - 3, 3",
    "+3, 3",
    "volume * 2, 14",
    "timestamp, 1700000000",
    "0 or 5, 5",
    "3 or 5, 3",
    "3 and 5, 5",
    "0 and 5, 0",
    "not 0, 1",
    "not volume, 0",
    "1 or 0 and 0, 1",
    "resource_metadata.cpu_number, 4",
    "resource_metadata.flavor.vcpus, 8",
    "resource_metadata.flavor.extra.ram, 16",
    "resource_metadata.text * 2, 5",
    "resource_metadata.yes + 1, 2",
    "resource_metadata.missing.too or 3, 3",
    "resource_metadata and 1, 1",
    "project_id and 6, 6",
    "100.0 / (10**9 * (resource_metadata.cpu_number or 1)), 2.5e-8",
    "100.0 / (10**9 * (resource_metadata.missing or 1)), 1e-7",
    "1 if volume > 5 else 2, 1",
    "1 if volume <= 5 else 2 if volume != 7 else 3, 3",
    "volume == 7, 1",
    "unit == 'ns', 1",
    "(unit == \"s\") or 9, 9",
    "name < 'd', 1",
    "resource_metadata.missing == None, 1",
    "resource_metadata.yes == True, 1",
    "resource_metadata['cpu_number'], 4",
    "resource_metadata['flavor']['vcpus'], 8",
    "resource_metadata['flavor'].vcpus, 8",
    "resource_metadata.list[1], 6",
    "resource_metadata.list[9] or 3, 3",
    "abs(-3) + int(2.9) + int(-2.9), 3",
    "'max(1, volume, 3) - min(4, 2)', 5",
    "round(2.5) + float('1.5'), 3.5",
  })
  void reads(String text, double expected) {
    Metadata metadata =
        Metadata.of(
            Map.of(
                "cpu_number",
                4,
                "flavor",
                Map.of("vcpus", 8),
                "flavor.extra.ram",
                16,
                "text",
                "2.5",
                "yes",
                true,
                "list",
                List.of(5, 6)));
    Sample sample = new Sample(SERIES, START, 7, 0, metadata);

    SampleExpression expression = SampleExpression.parse(text, PATH);

    assertThat(expression.evaluate(sample)).isEqualTo(expected);
    assertThat(expression.evaluate(sample)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1 / 0",
        "1 // 0",
        "1 % 0",
        "1 / 0 or 5",
        "(1 / 0) and 5",
        "not 1 / 0",
        "10 ** 999",
        "(10 ** 999) ** 0",
        "1 / (10 ** 999)",
        "9**9**9**9",
        "(-8) ** 0.5",
        "name * 2",
        "resource_metadata",
        "resource_metadata.missing",
        "resource_metadata.missing + 1",
        "user_id",
        "'a' * 1000000000",
        "'a' + 'b'",
        "'a' < 1",
        "max(1, name)",
        "1 if 1 / 0 else 2",
        "1 < 1 / 0",
        "resource_metadata.__class__",
        "resource_metadata['__class__'].x",
      })
  void hasNoValue(String text) {
    assertThat(SampleExpression.parse(text, PATH).evaluate(SAMPLE)).isNaN();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1",
    "'   ', 4",
    "'1 +', 4",
    "'(1', 3",
    "'1)', 2",
    "'1 2', 3",
    "'volum * 2', 1",
    "'1 + resource.id', 5",
    "'volume.real', 1",
    "'volume; 1', 7",
    "'__import__(1)', 1",
    "'1 < 2 < 3', 7",
    "'1 if 2', 7",
    "'abs', 4",
    "'abs()', 5",
    "'abs(1, 2)', 9",
    "'open(1)', 1",
    "'().__class__', 2",
    "'resource_metadata.__class__(1)', 28",
    "'volume.__class__.__mro__', 1",
    "'[x for x in 1]', 1",
    "'lambda: 1', 1",
    "'eval(\"1\")', 1",
    "'$(cpu)', 1",
    "'volume[0]', 7",
    "'resource_metadata.', 18",
    "'1 +\n\t*', 6",
  })
  void refusesAndNamesThePosition(String text, int position) {
    assertThatThrownBy(() -> SampleExpression.parse(text, PATH))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(PATH + ": \"" + text + "\" is not an expression")
        .hasMessageEndingWith("at position " + position);
  }

  @Test
  void refusesWhatWouldExhaustIt() {
    List<String> hostile =
        List.of(
            "(".repeat(400) + "1" + ")".repeat(400),
            "-".repeat(900) + "1",
            "not ".repeat(200) + "1",
            "1" + "**1".repeat(300),
            "abs(".repeat(200) + "1" + ")".repeat(200),
            "1 if 1 else ".repeat(80) + "1",
            "max(" + "max(1,1),".repeat(200) + "1)",
            String.join("+", Collections.nCopies(2000, "1")));
    for (String text : hostile) {
      assertThatThrownBy(() -> SampleExpression.parse(text, PATH))
          .isInstanceOf(ConfigException.class);
    }
  }

  @Test
  void takesLongSums() {
    String text = String.join("+", Collections.nCopies(500, "1"));

    assertThat(SampleExpression.parse(text, PATH).evaluate(SAMPLE)).isEqualTo(500);
  }

  @Test
  void metadataThatIsNoJsonHasNoFields() {
    for (String json : Arrays.asList("{\"a\":", "[1]", "", "{\"a\":{\"b\":[1,{\"c\":null}]}}")) {
      Sample sample = new Sample(SERIES, 0, 7, 0, Metadata.ofCanonicalJson(json));
      SampleExpression expression = SampleExpression.parse("resource_metadata.a.x or 9", PATH);

      assertThat(expression.evaluate(sample)).isEqualTo(9);
    }
  }
}
