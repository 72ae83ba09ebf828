package io.sonde.model;

import static java.util.Objects.requireNonNull;

/**
 * One thing that an event says, such as the id of an instance. Text beyond {@link #MAX_TEXT}
 * characters is cut off, as Ceilometer does; a value that is not of its type is refused with an
 * {@link IllegalArgumentException}.
 *
 * @param value see {@link TraitType}
 */
public record Trait(String name, TraitType type, Object value) {
  /** Characters of a name, and of a text that is kept. */
  public static final int MAX_TEXT = Event.MAX_TEXT;

  public Trait {
    Event.requireText("the name of a trait", name);
    requireNonNull(type, "type");
    requireNonNull(value, "value");
    if (type == TraitType.TEXT) {
      value = cropped((String) of(String.class, name, value));
      StorableText.require(name, (String) value);
    } else if (type == TraitType.FLOAT) {
      if (!Double.isFinite((Double) of(Double.class, name, value))) {
        throw new IllegalArgumentException(name + " is " + value + ", not a finite number");
      }
    } else {
      of(Long.class, name, value);
    }
  }

  /** The text as it is kept; no character is cut in halves. */
  private static String cropped(String text) {
    return text.codePointCount(0, text.length()) <= MAX_TEXT
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MAX_TEXT));
  }

  private static Object of(Class<?> kind, String name, Object value) {
    if (!kind.isInstance(value)) {
      throw new IllegalArgumentException(
          name + " is a " + value.getClass().getSimpleName() + ", not a " + kind.getSimpleName());
    }
    return value;
  }
}
