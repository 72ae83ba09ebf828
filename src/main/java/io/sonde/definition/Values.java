package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** Values of notifications as numbers and texts. */
final class Values {
  /** Beyond them an exponent makes a number of many digits. */
  private static final int LONGEST_NUMBER = 400;

  private Values() {}

  static boolean isAbsent(JsonNode value) {
    return value == null || value.isMissingNode() || value.isNull();
  }

  /** A finite number, of a number or of a text that reads as one; null for anything else. */
  static Double number(JsonNode value) {
    double number = Double.NaN;
    if (value.isNumber()) {
      number = value.doubleValue();
    } else if (value.isTextual() && value.textValue().length() <= LONGEST_NUMBER) {
      try {
        number = new BigDecimal(value.textValue().strip()).doubleValue();
      } catch (NumberFormatException e) {
        return null;
      }
    }
    return Double.isFinite(number) ? number : null;
  }

  /** The text of a text or a number; null for anything else, and for an empty text. */
  static String text(JsonNode value) {
    if (isAbsent(value) || !(value.isTextual() || value.isNumber())) {
      return null;
    }
    String text = value.asText();
    return text.isEmpty() ? null : text;
  }

  /** A value as remarks show it. */
  static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() <= 100 ? text : text.substring(0, text.offsetByCodePoints(0, 50)) + "…";
  }
}
