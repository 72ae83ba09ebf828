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
import java.util.Objects;
import java.util.UUID;

/**
 * Decides the metadata conditions of a filter, for chunk rows and for what collectors answer alike.
 */
final class Evaluator {
  /** Without the parser's own bounds on names and numbers: what was stored must be read. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(Metadata.MAX_BYTES)
                  .maxNumberLength(Metadata.MAX_BYTES)
                  .build())
          .build();

  private final SampleFilter filter;
  private final Map<UUID, Metadata> texts;
  private final Map<UUID, Map<String, Object>> flattened = new HashMap<>();

  Evaluator(SampleFilter filter, Map<UUID, Metadata> texts) {
    this.filter = filter;
    this.texts = texts;
  }

  /** Whether place i of a piece is asked for. */
  boolean matches(Found.Piece piece, int i) {
    long timestamp = piece.columns().timestamp(i);
    if (timestamp < filter.from() || timestamp >= filter.to()) {
      return false;
    }
    return filter.metadata().isEmpty()
        || matches(piece.series().dimensions(), piece.columns().metadata(i));
  }

  /** Whether a sample of these dimensions and this metadata meets the conditions on metadata. */
  boolean matches(Map<String, String> dimensions, UUID metadata) {
    for (MetadataCondition condition : filter.metadata()) {
      if (!matches(dimensions, metadata, condition)) {
        return false;
      }
    }
    return true;
  }

  private boolean matches(
      Map<String, String> dimensions, UUID metadata, MetadataCondition condition) {
    Object value = dimensions.get(condition.key());
    if (value == null) {
      value = flattened.computeIfAbsent(metadata, this::flatten).get(condition.key());
    }
    if (value instanceof Number number && condition.value() instanceof Number wanted) {
      return number.doubleValue() == wanted.doubleValue();
    }
    return Objects.equals(value, condition.value());
  }

  private Map<String, Object> flatten(UUID id) {
    Map<String, Object> flat = new HashMap<>();
    Metadata text = texts.getOrDefault(id, Metadata.EMPTY);
    try (JsonParser parser = JSON.createParser(text.json())) {
      parser.nextToken();
      flatten("", parser, flat);
    } catch (IOException e) {
      throw new UncheckedIOException("stored metadata " + id + " is no JSON", e);
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
