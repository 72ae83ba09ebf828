package io.sonde.http;

import io.sonde.model.PythonText;
import io.sonde.model.Timestamps;
import io.sonde.model.TraitType;

/** Values of traits as text: in questions, in answers, and in pushes that repeat an answer. */
final class TraitText {
  private TraitText() {}

  /** The value that a text stands for, as a trait of the type has it; null when for none. */
  static Object value(TraitType type, String text) {
    return switch (type) {
      case TEXT -> text;
      case INTEGER -> MetadataValue.integer(text.strip());
      case FLOAT -> MetadataValue.decimal(text.strip());
      case DATETIME -> moment(text.strip());
    };
  }

  /** The text that stands for a value. */
  static String of(TraitType type, Object value) {
    return type == TraitType.DATETIME ? Timestamps.format((Long) value) : PythonText.str(value);
  }

  /** What a value of the type looks like, for error texts. */
  static String expected(TraitType type) {
    return switch (type) {
      case TEXT -> "text is expected";
      case INTEGER -> "a whole number of 64 bits is expected";
      case FLOAT -> "a finite number is expected";
      case DATETIME -> "a date, or a date and a time, is expected";
    };
  }

  private static Long moment(String text) {
    try {
      return Timestamps.parse(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
