package io.sonde.dynamic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sonde.expression.ExpressionException;
import io.sonde.model.ConfigException;
import io.sonde.model.PythonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuePathTest {
  private static final Map<String, Object> ENTRY = entry();

  private static Map<String, Object> entry() {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("user", "42$bob");
    entry.put("it's", "odd");
    entry.put("nothing", null);
    entry.put("stats", Map.of("size", 7, "text", "a|b\\|c"));
    entry.put(
        "servers_links",
        List.of(
            Map.of("rel", "self", "href", "http://a/1"),
            Map.of("rel", "next", "href", "http://a/2")));
    return entry;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "user;42$bob",
        " user ;42$bob",
        "nothing;None",
        "stats.size;7",
        "user | value.split('$')[0];42",
        "user | value.split('$') | value[0] | int(value) + 1;43",
        "stats.text | value.split('|')[0];a",
        "stats.text | value.split(\"|\") | value[-1] | value + '|';c|",
        "stats.text | value.replace('\\\\|', \"'|'\");a|b'|'c",
        "user | value + ' it\\'s | one';42$bob it's | one",
        "it's | value + 'x';oddx",
        ". | value['stats']['size'];7",
        ". | len(value);5",
        "servers_links | filter(lambda v: v.get('rel') == 'next', value) | list(value) | value[0]"
            + " | value.get('href');http://a/2",
      })
  void findsAndComputes(String path, String expected) {
    assertThat(PythonText.str(ValuePath.parse(path, "p").value(ENTRY))).isEqualTo(expected);
  }

  @Test
  void aDotIsAllOfIt() {
    assertThat(ValuePath.parse(".", "p").value(ENTRY)).isEqualTo(ENTRY);
    assertThat(ValuePath.parse(".", "p").value(5)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"missing", "stats.missing", "user.name", "nothing.at", "stats | value['x']"})
  void whatIsNotThereIsAnAbsence(String path) {
    ExpressionException failure =
        catchThrowableOfType(
            ExpressionException.class, () -> ValuePath.parse(path, "p").value(ENTRY));
    assertThat(failure.isAbsence()).isTrue();
  }

  @Test
  void whatCannotBeComputedSaysWhy() {
    assertThatThrownBy(() -> ValuePath.parse("stats.size | value.strip()", "p").value(ENTRY))
        .isInstanceOf(ExpressionException.class)
        .hasMessage("a number has no strip");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        ";a path: expected keys",
        "| value;a path: expected keys",
        "a..b;a path: expected a key",
        ".a;a path: expected a key",
        "a |;an expression: expected",
        "a | | value;an expression: expected",
        "a | vale;an expression: expected",
        "a | value.split('|);an expression: expected",
        "a | __import__('os').system('id');an expression: expected",
        "a | value = 1;an expression: expected",
      })
  void whatIsNoneIsRefused(String path, String expected) {
    String text = path == null ? "" : path;
    assertThatThrownBy(() -> ValuePath.parse(text, "sonde.x"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.x: \"")
        .hasMessageContaining("is not " + expected);
  }
}
