package io.sonde.model;

import java.util.Comparator;
import java.util.List;

/**
 * Something that happened, as a service told of it. What no row can hold is refused with an {@link
 * IllegalArgumentException}.
 *
 * @param messageId tells events apart: a second event with the same id is a copy
 * @param generated when it happened, microseconds since 1970 in UTC
 * @param traits by name, then type; of a name and type there is one
 * @param raw what the event was made of, the text of a JSON object; {@code {}} where that is not
 *     kept
 */
public record Event(
    String messageId, String eventType, long generated, List<Trait> traits, String raw) {
  /** Characters of an id or a type. */
  public static final int MAX_TEXT = 255;

  /** Traits of one event. */
  public static final int MAX_TRAITS = 1_000;

  /** Bytes of {@code raw} in UTF-8. */
  public static final int MAX_RAW = 1 << 20;

  /** Where nothing more than the traits is known of an event. */
  public static final String NO_RAW = "{}";

  private static final String STORABLE =
      "text without U+0000 and halves of surrogate pairs is expected";

  private static final Comparator<Trait> BY_NAME =
      Comparator.comparing(Trait::name).thenComparing(Trait::type);

  public Event {
    requireText("message_id", messageId);
    requireText("event_type", eventType);
    if (traits.size() > MAX_TRAITS) {
      throw new IllegalArgumentException(
          traits.size() + " traits, at most " + MAX_TRAITS + " are stored");
    }
    traits = traits.stream().sorted(BY_NAME).toList();
    for (int i = 1; i < traits.size(); i++) {
      if (BY_NAME.compare(traits.get(i - 1), traits.get(i)) == 0) {
        throw new IllegalArgumentException(
            "the trait " + traits.get(i).name() + " stands twice with the same type");
      }
    }
    String mistake = rawMistake(raw);
    if (mistake != null) {
      throw new IllegalArgumentException("raw: " + mistake);
    }
  }

  /** Why a text cannot be what an event was made of; null when it can, if it is JSON. */
  public static String rawMistake(String raw) {
    if (!StorableText.isStorable(raw)) {
      return STORABLE;
    }
    return StorableText.utf8Length(raw) > MAX_RAW
        ? "at most " + MAX_RAW + " bytes are stored"
        : null;
  }

  /** Why a text cannot be an id, a type or a name; null when it can. */
  public static String textMistake(String text) {
    if (text == null || text.isEmpty() || text.codePointCount(0, text.length()) > MAX_TEXT) {
      return "1 to " + MAX_TEXT + " characters are expected";
    }
    return StorableText.isStorable(text) ? null : STORABLE;
  }

  static void requireText(String name, String text) {
    String mistake = textMistake(text);
    if (mistake != null) {
      throw new IllegalArgumentException(name + ": " + mistake);
    }
  }
}
