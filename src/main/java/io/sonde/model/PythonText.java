package io.sonde.model;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Values as Python writes them. Ceilometer's answers hold metadata as Python's {@code str()} of
 * each value, and its clients have learnt to read that.
 */
public final class PythonText {
  // A normal number is read from at most one decimal of so many digits.
  private static final int SURE_DIGITS = 15;
  private static final int MOST_DIGITS = 17;

  private PythonText() {}

  /** {@code str(value)}: text as it is, everything else as Python shows it. */
  public static String str(Object value) {
    if (value instanceof String text) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    repr(value, out);
    return out.toString();
  }

  private static void repr(Object value, StringBuilder out) {
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean truth) {
      out.append(truth ? "True" : "False");
    } else if (value instanceof Double number) {
      out.append(number(number));
    } else if (value instanceof String text) {
      quoted(text, 0x7f, out);
    } else if (value instanceof List<?> list) {
      String separator = "[";
      for (Object entry : list) {
        out.append(separator);
        repr(entry, out);
        separator = ", ";
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator);
        repr(entry.getKey(), out);
        out.append(": ");
        repr(entry.getValue(), out);
        separator = ", ";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else {
      out.append(value);
    }
  }

  /** {@code repr} of a float: an exponent below 1e-4 and from 1e16, else digits with a point. */
  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    String sign = value < 0 || 1 / value < 0 ? "-" : "";
    if (value == 0) {
      return sign + "0.0";
    }
    BigDecimal exact = shortest(Math.abs(value)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = exact.toPlainString();
      return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }
    String digits = exact.unscaledValue().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    int size = Math.abs(exponent);
    return sign + mantissa + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + size;
  }

  /**
   * The decimal with the fewest digits that is read as this number, and of those the nearest.
   * {@code Double.toString} gives one digit too many for a few numbers before JDK 19.
   */
  private static BigDecimal shortest(double value) {
    BigDecimal java = new BigDecimal(Double.toString(value));
    boolean isSubnormal = value < Double.MIN_NORMAL;
    if (java.precision() <= SURE_DIGITS && !isSubnormal) {
      return java;
    }
    BigDecimal binary = new BigDecimal(value);
    for (int digits = isSubnormal ? 1 : SURE_DIGITS; digits < MOST_DIGITS; digits++) {
      BigDecimal below = binary.round(new MathContext(digits, RoundingMode.DOWN));
      BigDecimal above = binary.round(new MathContext(digits, RoundingMode.UP));
      boolean isBelow = below.doubleValue() == value;
      boolean isAbove = above.doubleValue() == value;
      if (isBelow || isAbove) {
        boolean isNearer = binary.subtract(below).compareTo(above.subtract(binary)) <= 0;
        return isBelow && (isNearer || !isAbove) ? below : above;
      }
    }
    return binary.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN));
  }

  /** Bytes as Python shows them: {@code b'x'}. */
  public static void appendBytes(byte[] bytes, StringBuilder out) {
    quoted(new String(bytes, StandardCharsets.ISO_8859_1), 0xff, out.append('b'));
  }

  /** Characters from U+007F to the last one are written as their numbers. */
  private static void quoted(String text, int last, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c == quote) {
            out.append('\\').append(c);
          } else if (c < 0x20 || (c >= 0x7f && c <= last)) {
            out.append("\\x")
                .append(Character.forDigit(c >> 4, 16))
                .append(Character.forDigit(c & 15, 16));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append(quote);
  }
}
