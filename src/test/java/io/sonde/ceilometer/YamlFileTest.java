package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlFileTest {
  @Test
  void valuesAreWhatPythonMakesOfThem() {
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("a", List.of("x", 1, 2.5, true, false, "y"));
    expected.put("b", Map.of("c", "d e"));
    expected.put("n", Arrays.asList(null, null));
    // Without a dot and a sign an exponent is a text, to Python.
    expected.put("e", List.of("1e9", "1.0e9", 1e9, 8, 16));

    assertThat(
            parse(
                    """
                    a: [x, 1, 2.5, yes, off, y]
                    b: {c: 'd e'}
                    n:
                      - ~
                      -
                    e: [1e9, 1.0e9, 1.0e+9, 010, 0x10]
                    """)
                .tree())
        .isEqualTo(expected);
  }

  @Test
  void valuesKnowTheirLines() {
    YamlValue root = parse("---\n# comment\na:\n\n  - x\n  - {y: 1,\n     z: 2}\nb: 3\n");
    List<YamlValue> entries = root.map("").get("a").list("");

    assertThat(root.map("").get("a").line()).isEqualTo(3);
    assertThat(entries.get(0).line()).isEqualTo(5);
    assertThat(entries.get(1).line()).isEqualTo(6);
    assertThat(entries.get(1).map("").get("z").line()).isEqualTo(7);
    assertThat(root.map("").get("b").line()).isEqualTo(8);
  }

  @Test
  void anchorsAndMergesStandForWhatTheyName() {
    YamlValue root =
        parse(
            """
            base: &base {x: 1, y: 2}
            more: &more {y: 3, z: 4}
            own:
              x: 0
              <<: [*more, *base]
            again: *base
            """);

    assertThat(root.map("").get("own").tree()).isEqualTo(Map.of("x", 0, "y", 3, "z", 4));
    assertThat(root.map("").get("again").tree()).isEqualTo(Map.of("x", 1, "y", 2));
    assertThat(root.map("").get("own").map("").get("z").line()).isEqualTo(2);
  }

  @Test
  void ofAKeyThatIsGivenTwiceTheLastCountsAndItIsSaid() {
    Remarks remarks = new Remarks();
    YamlValue root = parse("a: 1\nb: 2\na: 3\n", remarks);

    assertThat(root.tree()).isEqualTo(Map.of("a", 3, "b", 2));
    assertThat(shown(remarks))
        .containsExactly("f:1: note: the key a stands again at line 3: that counts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "---\n", "# nothing\n", "\n\n"})
  void nothingIsNothing(String text) {
    YamlValue value = parse(text);
    assertThat(value == null || value.isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: [1|f:1: expected YAML: ",
        "a: 1\\nb: *no|f:2: expected YAML: found undefined alias no",
        "a: *|f:1: expected YAML: ",
        "a:\\n\\tb: 1|f:2: expected YAML: ",
        "a: 1\\n---\\nb: 2|f:2: expected YAML: ",
        "a: !!python/object:os.system x|f:1: expected YAML: Global tag is not allowed",
        "a: 1\\nb: !secret x|f:2: expected plain data, found the tag !secret",
        "a: !!int x|f:1: expected a value of the type that its tag names",
        "a: !!binary aGk=|f:1: expected plain data",
        "? [a]\\n: b|f:1: expected a key that is a text, found a list",
        "a: 1\\n~: b|f:2: expected a key that is a text, found null",
        "&a [*a]|f:1: expected plain data, found a value that contains itself",
        "a: &a\\n  b:\\n    <<: *a|f:1: expected plain data, found a value that contains itself",
      })
  void whatIsNoPlainYamlIsNamedWithItsLine(String text, String message) {
    refused(() -> parse(text.replace("\\n", "\n").replace("\\t", "\t")))
        .withMessageStartingWith(message);
  }

  @Test
  void aMergeOfWhatIsNoMapIsNamed() {
    YamlValue root = parse("a:\n  <<: 3\n");
    refused(() -> root.map("").get("a").map("")).withMessageStartingWith("f:2: expected a map");
  }

  @Test
  void nestingHasAnEnd() {
    refused(() -> parse("[".repeat(100_000))).withMessageStartingWith("f: expected YAML: ");
  }

  @Test
  void fewAliasesThatStandForMuchAreRefused() {
    String bomb =
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + IntStream.range(1, 10)
                .mapToObj(i -> "a" + i + ": &a" + i + " [" + tenTimes("*a" + (i - 1)) + "]\n")
                .collect(Collectors.joining());
    refused(() -> parse(bomb)).withMessageMatching("f:\\d+: expected at most 200000 values.*");
  }

  @Test
  void tenMegabytesOfAliasesAreRefusedUnread() {
    String bomb = "a: &a [x]\nb: [" + "*a, ".repeat(10 * 1024 * 1024 / 4) + "*a]\n";
    refused(() -> parse(bomb)).withMessage("f: larger than the 2048 kB that are read");
  }

  @Test
  void manyAliasesAreRefused() {
    refused(() -> parse("a: &a [x]\nb: [" + "*a, ".repeat(5_000) + "*a]\n"))
        .withMessageStartingWith("f: expected YAML: Number of aliases");
  }

  @Test
  void whatIsNoTextIsRefused() {
    refused(() -> YamlFile.parse("f", new byte[] {'a', (byte) 0xC3}, new Remarks()))
        .withMessage("f: expected text in UTF-8");
  }

  @ParameterizedTest
  @CsvSource({
    "yes, true",
    "no, false",
    "1, true",
    "0, false",
    "0.0, false",
    "'\"no\"', true",
    "'\"\"', false",
    "~, false",
    "[], false",
    "[0], true",
    "{}, false",
    "x, true"
  })
  void truthIsPythons(String text, boolean expected) {
    assertThat(parse("- " + text).list("").get(0).isTruthy()).isEqualTo(expected);
  }

  private static String tenTimes(String alias) {
    return String.join(", ", Collections.nCopies(10, alias));
  }
}
