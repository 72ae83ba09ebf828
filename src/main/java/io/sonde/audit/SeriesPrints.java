package io.sonde.audit;

import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteWriter;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Of each series that a journal names so much as tells it from any other: a part of its hash. */
final class SeriesPrints {
  /** A larger gap between numbers is damage, and no reason to fill the memory. */
  private static final int LARGEST_GAP = 1 << 20;

  private static final long UNKNOWN = 0;

  private final MessageDigest digest;
  private long[] prints = {};
  private int first;
  private int end;

  SeriesPrints() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** The journal names a series; numbers grow. */
  void put(int number, Series series) {
    if (end == 0) {
      first = number;
      end = number;
    }
    if (number < end || number - end > LARGEST_GAP) {
      return;
    }
    int place = number - first;
    if (place >= prints.length) {
      prints = Arrays.copyOf(prints, Math.max(1024, 2 * (place + 1)));
    }
    prints[place] = print(series);
    end = number + 1;
  }

  /** Whether the journal has this series under the number, or is not known to name it at all. */
  boolean allow(int number, Series series) {
    int place = number - first;
    return number < first
        || number >= end
        || prints[place] == UNKNOWN
        || prints[place] == print(series);
  }

  private long print(Series series) {
    ByteWriter out = new ByteWriter(256);
    BatchCodec.writeSeries(series, out);
    long print = ByteBuffer.wrap(digest.digest(out.toByteArray())).getLong();
    return print == UNKNOWN ? 1 : print;
  }
}
