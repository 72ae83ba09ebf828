package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import java.util.Map;

/**
 * At most how many bytes things take in our encodings, so that messages and events are cut before
 * they are too large.
 */
final class EncodedBytes {
  /** A sample without its series and metadata. */
  static final int SAMPLE = 48;

  private static final int LENGTH = 4;
  private static final int ID = 16;

  private EncodedBytes() {}

  static int atMost(Series series) {
    int bytes =
        1
            + LENGTH
            + atMost(series.source())
            + atMost(series.meter())
            + atMost(series.unit())
            + atMost(series.resourceId())
            + atMost(series.projectId())
            + atMost(series.userId());
    for (Map.Entry<String, String> dimension : series.dimensions().entrySet()) {
      bytes += atMost(dimension.getKey()) + atMost(dimension.getValue());
    }
    return bytes;
  }

  static int atMost(Metadata metadata) {
    return ID + atMost(metadata.json());
  }

  static int atMost(String text) {
    if (text == null) {
      return 1;
    }
    int bytes = LENGTH;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A surrogate is half of four bytes; three is too much for it and does no harm.
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    }
    return bytes;
  }
}
