package io.sonde.audit;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.NumberOutput;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON in the one form that RFC 8785 gives it, so that equal values have equal bytes, whoever wrote
 * them down in between. Its numbers are doubles: whole ones beyond 2^53 have no place in it.
 */
public final class CanonicalJson {
  private static final long MOST_WHOLE = 1L << 53;

  private static final ObjectMapper READER =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private CanonicalJson() {}

  /**
   * The canonical text of a value.
   *
   * @param value a map of texts to values, an iterable of values, a {@link JsonNode}, a text, a
   *     long, a finite double, a boolean or null
   */
  public static String text(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  /** The canonical bytes of a value, see {@link #text}. */
  public static byte[] bytes(Object value) {
    return text(value).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads JSON of any form.
   *
   * @throws IOException when it is none, or has a field twice
   */
  public static JsonNode read(byte[] json) throws IOException {
    return READER.readTree(json);
  }

  private static void write(Object value, StringBuilder out) {
    if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof JsonNode node) {
      writeNode(node, out);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map, out);
    } else if (value instanceof Iterable<?> list) {
      writeList(list, out);
    } else if (value instanceof Long whole) {
      if (Math.abs(whole) > MOST_WHOLE) {
        throw new IllegalArgumentException(whole + " is no double");
      }
      out.append(whole);
    } else if (value instanceof Double number) {
      writeNumber(number, out);
    } else {
      writeText((String) value, out);
    }
  }

  private static void writeNode(JsonNode node, StringBuilder out) {
    switch (node.getNodeType()) {
      case OBJECT -> {
        Map<String, JsonNode> fields = new TreeMap<>();
        node.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        writeMap(fields, out);
      }
      case ARRAY -> writeList(node, out);
      case NUMBER -> writeNumber(node.doubleValue(), out);
      case STRING -> writeText(node.textValue(), out);
      case BOOLEAN -> out.append(node.booleanValue());
      default -> out.append("null");
    }
  }

  /** Names are in the order of their UTF-16 code units, which is that of Java's texts. */
  private static void writeMap(Map<?, ?> map, StringBuilder out) {
    char separator = '{';
    for (Map.Entry<?, ?> entry : new TreeMap<>(map).entrySet()) {
      writeText((String) entry.getKey(), out.append(separator));
      write(entry.getValue(), out.append(':'));
      separator = ',';
    }
    out.append(separator == '{' ? "{}" : "}");
  }

  private static void writeList(Iterable<?> list, StringBuilder out) {
    char separator = '[';
    for (Object each : list) {
      write(each, out.append(separator));
      separator = ',';
    }
    out.append(separator == '[' ? "[]" : "]");
  }

  /** As ECMAScript does: the fewest digits that are this double. */
  private static void writeNumber(double number, StringBuilder out) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException(number + " is no number of JSON");
    }
    if (number == 0) {
      out.append('0');
      return;
    }
    BigDecimal decimal =
        new BigDecimal(NumberOutput.toString(Math.abs(number), true)).stripTrailingZeros();
    // Java writes two digits where one would do, which matters to the smallest of all.
    BigDecimal shorter = decimal.round(new MathContext(1));
    if (shorter.doubleValue() == Math.abs(number)) {
      decimal = shorter.stripTrailingZeros();
    }
    String digits = decimal.unscaledValue().toString();
    int count = digits.length();
    // The value is 0.digits times ten to this.
    int point = count - decimal.scale();
    out.append(number < 0 ? "-" : "");
    if (count <= point && point <= 21) {
      out.append(digits).append("0".repeat(point - count));
    } else if (0 < point && point <= 21) {
      out.append(digits, 0, point).append('.').append(digits, point, count);
    } else if (-6 < point && point <= 0) {
      out.append("0.").append("0".repeat(-point)).append(digits);
    } else {
      out.append(digits.charAt(0));
      if (count > 1) {
        out.append('.').append(digits, 1, count);
      }
      out.append('e').append(point > 0 ? "+" : "-").append(Math.abs(point - 1));
    }
  }

  private static void writeText(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u").append(HexFormat.of().toHexDigits(c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
