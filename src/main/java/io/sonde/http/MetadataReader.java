package io.sonde.http;

import com.fasterxml.jackson.core.JsonParser;
import io.sonde.model.Metadata;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the metadata of the samples of one push. Thousands of samples carry the same few objects,
 * spelled the same: an object's bytes are skipped and looked up first, and only new ones are turned
 * into a tree and into canonical text.
 */
final class MetadataReader {
  private static final int LARGEST = 64 * 1024;

  private final byte[] body;
  private final Map<Range, Metadata> known = new HashMap<>();
  private Range lastRange;
  private Metadata last;

  MetadataReader(byte[] body) {
    this.body = body;
  }

  /**
   * The object that begins where the parser stands.
   *
   * @throws IllegalArgumentException when it cannot be kept; the message says why
   */
  Metadata read(JsonParser parser) throws IOException {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int to = (int) parser.currentLocation().getByteOffset();
    if (to - from > LARGEST) {
      throw new IllegalArgumentException("more than " + LARGEST + " bytes long");
    }
    if (lastRange != null && Arrays.equals(body, from, to, body, lastRange.from, lastRange.to)) {
      return last;
    }
    Range range = new Range(body, from, to);
    Metadata metadata = known.get(range);
    if (metadata == null) {
      metadata = parse(from, to);
      known.put(range, metadata);
    }
    lastRange = range;
    last = metadata;
    return metadata;
  }

  private Metadata parse(int from, int to) throws IOException {
    try (JsonParser parser = JsonTree.FACTORY.createParser(body, from, to - from)) {
      parser.nextToken();
      return Metadata.of(JsonTree.readMap(parser));
    }
  }

  /**
   * The same with dotted keys turned into objects, {@code {"a.b": 1}} into {@code {"a": {"b": 1}}},
   * as Ceilometer stores what is posted to a meter.
   *
   * @throws IllegalArgumentException when that cannot be kept; the message says why
   */
  static Metadata nested(Metadata metadata) {
    if (metadata.json().indexOf('.') < 0) {
      return metadata;
    }
    Map<String, Object> nested = new LinkedHashMap<>();
    JsonTree.readStored(metadata)
        .forEach(
            (key, value) -> {
              // Each dot is a level, and a call below: thousands of them would end the stack.
              if (key.chars().filter(c -> c == '.').count() >= JsonTree.DEEPEST) {
                throw new IllegalArgumentException(
                    "more than " + JsonTree.DEEPEST + " levels deep");
              }
              put(nested, key, value);
            });
    return Metadata.of(nested);
  }

  @SuppressWarnings("unchecked")
  private static void put(Map<String, Object> into, String key, Object value) {
    int dot = key.indexOf('.');
    if (dot < 0) {
      into.put(key, value);
      return;
    }
    Map<String, Object> inner = new LinkedHashMap<>();
    if (into.get(key.substring(0, dot)) instanceof Map<?, ?> present) {
      inner.putAll((Map<String, Object>) present);
    }
    put(inner, key.substring(dot + 1), value);
    into.put(key.substring(0, dot), inner);
  }

  /** A part of the body, equal to others by its bytes. */
  private static final class Range {
    private final byte[] body;
    private final int from;
    private final int to;
    private final int hash;

    Range(byte[] body, int from, int to) {
      this.body = body;
      this.from = from;
      this.to = to;
      int h = 1;
      for (int i = from; i < to; i++) {
        h = 31 * h + body[i];
      }
      this.hash = h;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Range that
          && hash == that.hash
          && Arrays.equals(body, from, to, that.body, that.from, that.to);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
