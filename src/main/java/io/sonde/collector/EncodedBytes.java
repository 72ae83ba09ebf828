package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.StorableText;

/**
 * At most how many bytes things take in our encodings, so that messages and events are cut before
 * they are too large.
 */
final class EncodedBytes {
  /** A sample without its series and metadata. */
  static final int SAMPLE = 48;

  private static final int LENGTH = 4;
  private static final int ID = 16;
  private static final int SERIES_TEXTS = 7;

  private EncodedBytes() {}

  static int atMost(Series series) {
    return 1 + LENGTH * (SERIES_TEXTS + 2 * series.dimensions().size()) + series.utf8Length();
  }

  static int atMost(Metadata metadata) {
    return ID + LENGTH + metadata.utf8Length();
  }

  static int atMost(String text) {
    return LENGTH + StorableText.utf8Length(text);
  }
}
