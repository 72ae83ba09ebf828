package io.sonde.http;

import com.fasterxml.jackson.core.JsonParser;
import io.sonde.model.Metadata;
import io.sonde.series.BytesCache;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the metadata of the samples of one push. A resource's object is spelled the same in all its
 * samples and pushes: an object's bytes are skipped and looked up first, and only new ones are
 * checked and turned into a tree and into canonical text.
 */
final class MetadataReader {
  private static final int LARGEST = 64 * 1024;

  private final byte[] body;
  private final BytesCache<Metadata> known;
  private int origin;
  private int lastFrom;
  private int lastTo;
  private Metadata last;

  MetadataReader(byte[] body, BytesCache<Metadata> known) {
    this.body = body;
    this.known = known;
  }

  /** The bytes of parsers begin at this place of the body from here on. */
  void beginAt(int origin) {
    this.origin = origin;
  }

  /**
   * The object that begins where the parser stands.
   *
   * @throws IllegalArgumentException when it cannot be kept; the message says why
   */
  Metadata read(JsonParser parser) throws IOException {
    int from = origin + (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int to = origin + (int) parser.currentLocation().getByteOffset();
    if (to - from > LARGEST) {
      throw new IllegalArgumentException("more than " + LARGEST + " bytes long");
    }
    if (last == null || !Arrays.equals(body, from, to, body, lastFrom, lastTo)) {
      last = known.get(body, from, to);
      if (last == null) {
        last = known.add(body, from, to, parse(from, to));
      }
      lastFrom = from;
      lastTo = to;
    }
    return last;
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
}
