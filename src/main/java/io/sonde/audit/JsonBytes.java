package io.sonde.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Bytes in JSON, which are base64. */
final class JsonBytes {
  private JsonBytes() {}

  static byte[] of(JsonNode text) {
    try {
      byte[] bytes = text.isTextual() ? text.binaryValue() : null;
      if (bytes != null) {
        return bytes;
      }
    } catch (IOException e) {
      // Told below.
    }
    throw new IllegalArgumentException("bytes in base64 are expected");
  }

  static byte[] hash(JsonNode text) {
    byte[] hash = of(text);
    if (hash.length != 32) {
      throw new IllegalArgumentException("a hash has 32 bytes, not " + hash.length);
    }
    return hash;
  }

  static List<byte[]> hashes(JsonNode array) {
    List<byte[]> hashes = new ArrayList<>();
    array.forEach(each -> hashes.add(hash(each)));
    return hashes;
  }
}
