package io.sonde.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One JSON value as a tree of JDK values: what {@link io.sonde.model.Metadata} is made of. */
final class JsonTree {
  /**
   * Reads all JSON of this room. NaN and the infinities are read, so that they can be refused by
   * the name of their field: Python's writer emits them.
   */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).build())
          .build();

  private static final int DEEPEST = 32;

  private JsonTree() {}

  /**
   * The object that the parser stands on; of a key that stands twice the last one counts.
   *
   * @throws IllegalArgumentException when it holds what metadata cannot hold; the message says what
   */
  static Map<String, Object> readMap(JsonParser parser) throws IOException {
    return object(parser, 1);
  }

  /** The object that a text holds. */
  static Map<String, Object> readObject(String json) throws IOException {
    try (JsonParser parser = FACTORY.createParser(json)) {
      parser.nextToken();
      return readMap(parser);
    }
  }

  private static Object value(JsonParser parser, int depth) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, depth);
      case START_ARRAY -> array(parser, depth);
      case VALUE_STRING -> text(parser.getText());
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static Map<String, Object> object(JsonParser parser, int depth) throws IOException {
    checkDepth(depth);
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = text(parser.currentName());
      parser.nextToken();
      map.put(key, value(parser, depth + 1));
    }
    return map;
  }

  private static List<Object> array(JsonParser parser, int depth) throws IOException {
    checkDepth(depth);
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser, depth + 1));
    }
    return list;
  }

  private static void checkDepth(int depth) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException("more than " + DEEPEST + " levels deep");
    }
  }

  private static Double finite(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("a number is not finite");
    }
    return value;
  }

  private static String text(String text) {
    if (!isStorable(text)) {
      throw new IllegalArgumentException("text holds U+0000 or half a surrogate pair");
    }
    return text;
  }

  /** Whether PostgreSQL and UTF-8 can keep this text as it is. */
  static boolean isStorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
