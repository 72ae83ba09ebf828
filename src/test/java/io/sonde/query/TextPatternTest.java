package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextPatternTest {
  private static final String UUID =
      "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

  @Test
  void isFoundAnywhere() {
    assertThat(TextPattern.of("b+").isFoundIn("abba")).isTrue();
    assertThat(TextPattern.of("^b").isFoundIn("abba")).isFalse();
    assertThat(TextPattern.of("(?i)BB").isFoundIn("abba")).isTrue();
    assertThat(TextPattern.of("").isFoundIn("")).isTrue();
    assertThat(TextPattern.of(UUID).isFoundIn("276c9afe-30a2-e726-0006-6107f96ba049")).isTrue();
    assertThat(TextPattern.of("(\\d{1,3}\\.){3}\\d{1,3}").isFoundIn("at 10.0.0.17:22")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[ | the pattern '[' cannot be read: missing closing ]",
        "(?=a) | the pattern '(?=a)' cannot be read: invalid or unsupported Perl syntax",
        "(a)\\1 | the pattern '(a)\\1' cannot be read: invalid escape sequence",
        "a{1001} | the pattern 'a{1001}' cannot be read: invalid repeat count",
        "((a{100}){100}){100} | the pattern '((a{100}){100}){100}' repeats too often",
        "((((a?){100}){100}){100}){10} | the pattern '((((a?){100}){100}){100}){10}' repeats too"
            + " often",
        "[a-z]{1000}{9} | the pattern '[a-z]{1000}{9}' cannot be read: invalid nested repetition"
            + " operator",
        "([a-z]{1000}){9} | the pattern '([a-z]{1000}){9}' repeats too often",
      })
  void whatIsWrongIsNamed(String pattern, String message) {
    assertThatThrownBy(() -> TextPattern.of(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void isShort() {
    TextPattern.of("a".repeat(TextPattern.LONGEST));
    assertThatThrownBy(() -> TextPattern.of("a".repeat(TextPattern.LONGEST + 1)))
        .hasMessage("a pattern of 257 characters, at most 256 are taken");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a*)*b", "(a|a)*b", "(a|aa)+$b", "(.*)(.*)(.*)(.*)b", "(?:|){200}b"})
  void noPatternExplodes(String pattern) {
    // Matchers that go back and try again would take longer than the world is old.
    assertThat(TextPattern.of(pattern).isFoundIn("a".repeat(5_000))).isFalse();
  }

  @Test
  void allTextsTogetherMayTakeSoLong() {
    TextPattern pattern = TextPattern.of("(a{50}){50}b", 20_000_000);
    String text = "a".repeat(1_000);
    long start = System.nanoTime();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100_000; i++) {
                pattern.isFoundIn(text);
              }
            })
        .isInstanceOf(TooLargeException.class)
        .hasMessage("The pattern '(a{50}){50}b' takes too long: ask for a simpler pattern.");
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
  }
}
