package io.sonde.pipeline;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import java.util.Map;

/**
 * At most how many bytes the parts of a batch take when encoded, so that batches and events can be
 * cut before they are.
 */
final class EncodedSize {
  /** A sample without its series and metadata. */
  static final int SAMPLE = 40;

  /** A memory without its key and its bytes. */
  static final int MEMORY = 12;

  private static final int LENGTH = 4;

  private EncodedSize() {}

  static int of(Series series) {
    int size =
        of(series.source())
            + of(series.meter())
            + of(series.unit())
            + of(series.resourceId())
            + of(series.projectId())
            + of(series.userId())
            + 1
            + LENGTH;
    for (Map.Entry<String, String> dimension : series.dimensions().entrySet()) {
      size += of(dimension.getKey()) + of(dimension.getValue());
    }
    return size;
  }

  static int of(Metadata metadata) {
    return of(metadata.json());
  }

  private static int of(String text) {
    if (text == null) {
      return 1;
    }
    int size = LENGTH;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A surrogate is half of four bytes; three is too much for it and does no harm.
      size += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    }
    return size;
  }
}
