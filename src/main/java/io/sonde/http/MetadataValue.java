package io.sonde.http;

import akka.http.javadsl.model.StatusCodes;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The value that a metadata condition compares with. {@code q.type} names its type; without one the
 * text is read like a literal of Python, so {@code 1} is a number and does not find the text "1".
 */
final class MetadataValue {
  private static final Pattern INTEGER = Pattern.compile("[+-]?(0|[1-9][0-9]*)");
  private static final Pattern DIGITS = Pattern.compile("[+-]?[0-9]{1,1000}");
  private static final Pattern FLOAT =
      Pattern.compile("[+-]?([0-9]+\\.[0-9]*|\\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]+)?");

  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  private MetadataValue() {}

  /** A String, Long, BigInteger, Double or Boolean. */
  static Object of(String value, String type) {
    return switch (type) {
      case "" -> literal(value);
      case "string" -> value;
      case "integer" -> required(whole(value.strip()), value, type);
      case "float" -> required(decimal(value.strip()), value, type);
      case "boolean" -> required(truth(value), value, type);
      case "datetime" -> throw notSupported("datetime");
      default ->
          throw ApiException.badRequest(
              "The data type "
                  + ApiException.shown(type)
                  + " is not supported. The supported data type list is: "
                  + "['integer', 'float', 'string', 'boolean', 'datetime']");
    };
  }

  /** Strict: what OpenStack reads as true or false, null for everything else. */
  static Boolean truth(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "1", "t", "true", "on", "y", "yes" -> true;
      case "0", "f", "false", "off", "n", "no" -> false;
      default -> null;
    };
  }

  private static Object literal(String text) {
    if (text.equals("None")) {
      throw notSupported("None");
    }
    if (text.equals("True") || text.equals("False")) {
      return text.equals("True");
    }
    Object number =
        INTEGER.matcher(text).matches()
            ? whole(text)
            : FLOAT.matcher(text).matches() ? decimal(text) : null;
    if (number != null) {
      return number;
    }
    return isQuoted(text) ? text.substring(1, text.length() - 1) : text;
  }

  /** Text in quotes without a quote or an escape inside; anything else is taken as it stands. */
  private static boolean isQuoted(String text) {
    if (text.length() < 2 || text.indexOf('\\') >= 0) {
      return false;
    }
    char quote = text.charAt(0);
    return (quote == '\'' || quote == '"') && text.indexOf(quote, 1) == text.length() - 1;
  }

  /** A whole number as JSON's parser gives it, or null. */
  private static Number whole(String text) {
    Long number = integer(text);
    return number == null && DIGITS.matcher(text).matches() ? new BigInteger(text) : number;
  }

  /** A whole number of 64 bits, or null. */
  static Long integer(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** A finite number in digits; Java alone would take {@code 1d} and {@code 0x1p3} as well. */
  static Double decimal(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      return null;
    }
    double value = Double.parseDouble(text);
    return Double.isFinite(value) ? value : null;
  }

  private static Object required(Object converted, String value, String type) {
    if (converted == null) {
      throw notConvertible(value, type);
    }
    return converted;
  }

  /** A text that is no value of the type that it should have. */
  static ApiException notConvertible(String value, String type) {
    return ApiException.badRequest(
        "Unable to convert the value "
            + ApiException.shown(value)
            + " to the expected data type "
            + type
            + ".");
  }

  private static ApiException notSupported(String type) {
    return new ApiException(
        StatusCodes.NOT_IMPLEMENTED, "Metadata cannot be compared with a value of type " + type);
  }
}
