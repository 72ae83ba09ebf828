package io.sonde.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.sonde.model.Metadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Metadata, and what events were made of, as trees of JDK values, in which whole numbers and others
 * stay apart.
 */
final class MetadataValues {
  // Without the parser's own bounds: what was stored must be read.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(Metadata.MAX_BYTES)
                  .maxNumberLength(Metadata.MAX_BYTES)
                  .build())
          .build();

  private MetadataValues() {}

  /**
   * Maps, lists, texts, booleans, null, {@code Long} or {@code BigInteger}, and {@code Double} or,
   * beyond its range, {@code BigDecimal}.
   */
  static Map<String, Object> of(Metadata metadata) {
    return of(metadata.json());
  }

  /** As {@link #of(Metadata)}, of the text of an object. */
  static Map<String, Object> of(String stored) {
    try (JsonParser parser = FACTORY.createParser(stored)) {
      parser.nextToken();
      return object(parser);
    } catch (IOException e) {
      throw new UncheckedIOException("what is stored is not JSON", e);
    }
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      map.put(name, value(parser));
    }
    return map;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
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

  private static List<Object> array(JsonParser parser) throws IOException {
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser));
    }
    return list;
  }

  private static Number decimal(JsonParser parser) throws IOException {
    double value = parser.getDoubleValue();
    return Double.isFinite(value) ? (Number) value : parser.getDecimalValue();
  }
}
