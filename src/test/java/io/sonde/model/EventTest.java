package io.sonde.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventTest {
  private static final String SMILE = "\ud83d\ude00";

  @Test
  void longTextOfATraitIsCutOffBetweenCharacters() {
    assertThat(new Trait("n", TraitType.TEXT, SMILE.repeat(255)).value())
        .isEqualTo(SMILE.repeat(255));
    assertThat(new Trait("n", TraitType.TEXT, "a" + SMILE.repeat(300)).value())
        .isEqualTo("a" + SMILE.repeat(254));
  }

  @Test
  void aTraitHoldsWhatItsTypeSays() {
    assertRefused(() -> new Trait("n", TraitType.TEXT, 1L), "n is a Long, not a String");
    assertRefused(() -> new Trait("n", TraitType.INTEGER, 1.0), "n is a Double, not a Long");
    assertRefused(() -> new Trait("n", TraitType.DATETIME, "x"), "n is a String, not a Long");
    assertRefused(() -> new Trait("n", TraitType.FLOAT, Double.NaN), "n is NaN, not a finite");
    assertRefused(() -> new Trait("n", TraitType.TEXT, "a\0"), "U+0000");
    assertRefused(() -> new Trait("", TraitType.TEXT, "a"), "the name of a trait: 1 to 255");
    assertRefused(() -> new Trait("n".repeat(256), TraitType.TEXT, "a"), "1 to 255 characters");
  }

  @Test
  void anEventHoldsWhatARowCanHold() {
    assertRefused(() -> event("", "t"), "message_id: 1 to 255 characters");
    assertRefused(() -> event("m", "t".repeat(256)), "event_type: 1 to 255 characters");
    assertRefused(() -> event("m\0", "t"), "message_id: text without U+0000");
    assertRefused(() -> event("m", "\ud800"), "event_type: text without U+0000");
    assertRefused(() -> new Event("m", "t", 0, List.of(), " ".repeat((1 << 20) + 1)), "raw: at");
    List<Trait> many =
        IntStream.rangeClosed(0, 1_000)
            .mapToObj(i -> new Trait("n" + i, TraitType.INTEGER, 1L))
            .toList();
    assertRefused(() -> new Event("m", "t", 0, many, "{}"), "1001 traits, at most 1000");
    assertThat(event(SMILE.repeat(255), "t").messageId()).hasSize(510);
  }

  @Test
  void traitsStandInOrderAndEachOnce() {
    Trait text = new Trait("b", TraitType.TEXT, "x");
    Trait number = new Trait("b", TraitType.INTEGER, 1L);
    Trait first = new Trait("a", TraitType.FLOAT, 1.0);
    assertThat(new Event("m", "t", 0, List.of(number, text, first), "{}").traits())
        .containsExactly(first, text, number);
    Trait other = new Trait("b", TraitType.TEXT, "y");
    assertRefused(
        () -> new Event("m", "t", 0, List.of(text, number, other), "{}"), "the trait b stands");
  }

  private static Event event(String id, String type) {
    return new Event(id, type, 0, List.of(), Event.NO_RAW);
  }

  private static void assertRefused(Runnable creation, String why) {
    assertThatThrownBy(creation::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
