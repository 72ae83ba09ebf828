package io.sonde.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** Comparisons of values as the dialect makes them. */
final class Values {
  private Values() {}

  /** The order of two numbers, or of two texts. */
  static int compare(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return isLong(one) && isLong(other)
          ? Long.compare(one.longValue(), other.longValue())
          : decimal(one).compareTo(decimal(other));
    }
    return one.textValue().compareTo(other.textValue());
  }

  static boolean areComparable(JsonNode one, JsonNode other) {
    return (one.isNumber() && other.isNumber()) || (one.isTextual() && other.isTextual());
  }

  static boolean isLong(JsonNode number) {
    return number.isIntegralNumber() && number.canConvertToLong();
  }

  /** A number exactly. An infinite one, which JSON has none of, counts as the largest. */
  private static BigDecimal decimal(JsonNode number) {
    if (number.isFloatingPointNumber() && !number.isBigDecimal()) {
      double value = number.doubleValue();
      return BigDecimal.valueOf(
          Double.isFinite(value) ? value : Math.copySign(Double.MAX_VALUE, value));
    }
    return number.decimalValue();
  }
}
