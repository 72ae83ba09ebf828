package io.sonde.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.sonde.model.Metadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Metadata by key, as conditions ask for it: nested keys joined by dots, entries of lists as {@code
 * a[0]}; null is as if it were not there. What was flattened lately is remembered.
 */
final class FlatValues {
  private static final long REMEMBERED = 16L << 20;

  /** Without the parser's own bounds on names and numbers: what was stored must be read. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(Metadata.MAX_BYTES)
                  .maxNumberLength(Metadata.MAX_BYTES)
                  .build())
          .build();

  private final RecentlyUsed<Map<String, Object>> flattened = new RecentlyUsed<>(REMEMBERED);

  /** The values of metadata; of an id without a text there are none. */
  Map<String, Object> of(UUID id, Map<UUID, Metadata> texts) {
    Map<String, Object> known = flattened.get(id);
    if (known == null) {
      Metadata text = texts.getOrDefault(id, Metadata.EMPTY);
      known = flatten(text);
      flattened.put(id, known, text.json().length());
    }
    return known;
  }

  static Map<String, Object> flatten(Metadata text) {
    Map<String, Object> flat = new HashMap<>();
    try (JsonParser parser = JSON.createParser(text.json())) {
      parser.nextToken();
      flatten("", parser, flat);
    } catch (IOException e) {
      throw new UncheckedIOException("stored metadata " + text.id() + " is no JSON", e);
    }
    return flat;
  }

  private static void flatten(String path, JsonParser parser, Map<String, Object> flat)
      throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = path.isEmpty() ? parser.currentName() : path + '.' + parser.currentName();
          parser.nextToken();
          flatten(key, parser, flat);
        }
      }
      case START_ARRAY -> {
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
          flatten(path + '[' + i + ']', parser, flat);
        }
      }
      case VALUE_STRING -> flat.put(path, parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> flat.put(path, parser.getNumberValue());
      case VALUE_TRUE -> flat.put(path, true);
      case VALUE_FALSE -> flat.put(path, false);
      default -> {
        // null: as if it were not there
      }
    }
  }
}
