package io.sonde.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.sonde.model.Metadata;
import java.io.IOException;
import java.io.UncheckedIOException;
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
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).build())
          .build();

  /** How deep pushed metadata may be nested; less than what the model stores. */
  static final int DEEPEST = 32;

  /** Without the parser's own bounds on names and numbers: what was stored must be read. */
  private static final JsonFactory STORED =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(Metadata.MAX_BYTES)
                  .maxNumberLength(Metadata.MAX_BYTES)
                  .build())
          .build();

  private final boolean isPushed;

  private JsonTree(boolean isPushed) {
    this.isPushed = isPushed;
  }

  /**
   * The object that the parser stands on; of a key that stands twice the last one counts.
   *
   * @throws IllegalArgumentException when it holds what metadata cannot hold; the message says what
   */
  static Map<String, Object> readMap(JsonParser parser) throws IOException {
    return new JsonTree(true).object(parser, 1);
  }

  /**
   * The object that stored metadata is. Nothing is refused: whatever the model took, from a push or
   * from elsewhere, must be shown, or one sample makes every answer with it fail.
   */
  static Map<String, Object> readStored(Metadata metadata) {
    try (JsonParser parser = STORED.createParser(metadata.json())) {
      parser.nextToken();
      return new JsonTree(false).object(parser, 1);
    } catch (IOException e) {
      throw new UncheckedIOException("stored metadata is not JSON", e);
    }
  }

  /**
   * The value that the parser stands on, of any kind; a number beyond the range of double is kept.
   */
  static Object read(JsonParser parser) throws IOException {
    return new JsonTree(false).value(parser, 1);
  }

  private Object value(JsonParser parser, int depth) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, depth);
      case START_ARRAY -> array(parser, depth);
      case VALUE_STRING -> text(parser.getText());
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> decimal(parser);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private Map<String, Object> object(JsonParser parser, int depth) throws IOException {
    checkDepth(depth);
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = text(parser.currentName());
      parser.nextToken();
      map.put(key, value(parser, depth + 1));
    }
    return map;
  }

  private List<Object> array(JsonParser parser, int depth) throws IOException {
    checkDepth(depth);
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser, depth + 1));
    }
    return list;
  }

  private void checkDepth(int depth) {
    if (isPushed && depth > DEEPEST) {
      throw new IllegalArgumentException("more than " + DEEPEST + " levels deep");
    }
  }

  private Number decimal(JsonParser parser) throws IOException {
    double value = parser.getDoubleValue();
    if (Double.isFinite(value)) {
      return value;
    }
    if (isPushed) {
      throw new IllegalArgumentException("a number is not finite");
    }
    return parser.getDecimalValue();
  }

  private String text(String text) {
    if (isPushed && !isStorable(text)) {
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
