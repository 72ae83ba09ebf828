package io.sonde.http;

import io.sonde.model.SampleKey;
import io.sonde.model.Timestamps;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongFunction;

/** What varies from one sample of a series to the next, read from the bytes of a push. */
final class SampleValues {
  // Up to here a number's digits are exactly a double, and so is the power of ten that divides
  // them:
  // the quotient is rounded once, as it should be.
  private static final long EXACT = 1L << 53;
  private static final int MOST_DIGITS = 18;
  private static final double[] POWERS_OF_TEN = new double[MOST_DIGITS + 1];

  static {
    Arrays.setAll(POWERS_OF_TEN, i -> Double.parseDouble("1e" + i));
  }

  private final byte[] body;
  private final LongFunction<String> refusal;
  private double number;
  private double volume;
  private long timestamp;
  private int timestampFrom;
  private int timestampTo;
  private int idFrom;
  private int idTo;

  /**
   * The values of the samples of one body.
   *
   * @param refusal why a sample of this timestamp is not taken, or null when it is
   */
  SampleValues(byte[] body, LongFunction<String> refusal) {
    this.body = body;
    this.refusal = refusal;
  }

  /** Forgets the message id, which a sample may lack. */
  void clear() {
    idTo = idFrom;
  }

  double volume() {
    return volume;
  }

  /** Microseconds since 1970. */
  long timestamp() {
    return timestamp;
  }

  /** The key of the message id, or {@link SampleKey#NONE} where it is empty or there is none. */
  long key() {
    return idFrom == idTo ? SampleKey.NONE : SampleKey.ofMessageId(body, idFrom, idTo);
  }

  /**
   * Reads one value that begins at a place.
   *
   * @return the place behind it, or -1 when it has to be looked at more closely
   */
  int read(SampleField field, boolean isNumber, int from) {
    int to = isNumber ? number(from) : PlainText.end(body, from);
    if (to < 0 || to - from > SampleReader.LONGEST_TEXT) {
      return -1;
    }
    switch (field) {
      case COUNTER_VOLUME, VOLUME -> volume = number;
      case TIMESTAMP -> {
        if (!isTaken(from, to)) {
          return -1;
        }
      }
      case MESSAGE_ID, ID -> {
        idFrom = from;
        idTo = to;
      }
      default -> {}
    }
    return to;
  }

  /** The samples of a cycle of polling share their timestamp, so the last one is likely again. */
  private boolean isTaken(int from, int to) {
    if (timestampTo > 0 && Arrays.equals(body, timestampFrom, timestampTo, body, from, to)) {
      return true;
    }
    long parsed;
    try {
      parsed = Timestamps.parse(new String(body, from, to - from, StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (refusal.apply(parsed) != null) {
      return false;
    }
    timestamp = parsed;
    timestampFrom = from;
    timestampTo = to;
    return true;
  }

  /** Reads a number without an exponent; -1 where another one stands, or none. */
  private int number(int from) {
    int at = from;
    boolean isNegative = at < body.length && body[at] == '-';
    if (isNegative) {
      at++;
    }
    int first = at;
    long digits = 0;
    while (isDigit(at)) {
      digits = 10 * digits + body[at++] - '0';
    }
    int whole = at - first;
    int fraction = 0;
    if (at < body.length && body[at] == '.') {
      first = ++at;
      while (isDigit(at)) {
        digits = 10 * digits + body[at++] - '0';
      }
      fraction = at - first;
      if (fraction == 0) {
        return -1;
      }
    }
    boolean isPadded = whole > 1 && body[isNegative ? from + 1 : from] == '0';
    if (whole == 0 || isPadded || whole + fraction > MOST_DIGITS || hasExponent(at)) {
      return -1;
    }
    if (digits > EXACT) {
      number = Double.parseDouble(new String(body, from, at - from, StandardCharsets.ISO_8859_1));
    } else if (fraction == 0) {
      number = isNegative ? -digits : digits;
    } else {
      double size = digits / POWERS_OF_TEN[fraction];
      number = isNegative ? -size : size;
    }
    return at;
  }

  private boolean isDigit(int at) {
    return at < body.length && body[at] >= '0' && body[at] <= '9';
  }

  private boolean hasExponent(int at) {
    return at < body.length && (body[at] | 0x20) == 'e';
  }
}
