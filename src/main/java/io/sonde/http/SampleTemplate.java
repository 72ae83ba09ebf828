package io.sonde.http;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import java.util.Arrays;

/**
 * A sample's JSON as its sender writes it again and again: its bytes, all of which say the same
 * each time but for some spans that hold its volume, its timestamp, its message id and what is not
 * kept. Where another object has the same bytes around these spans, they are all that need be read
 * of it; the rest was read and checked when the template was made.
 *
 * <p>Immutable but for two hints, which are written without order: what is lost of them costs time
 * and nothing else.
 */
final class SampleTemplate {
  private final byte[] bytes;
  private final SampleSpans spans;
  private final Caller caller;
  private final Series series;
  private final Metadata metadata;

  /** Whether it was read by lately. */
  boolean isUsed = true;

  /** The one that was read behind this one the last time. */
  SampleTemplate next;

  /**
   * A template made of the object in [from, to).
   *
   * @param spans what varies, with places counted from the object's first byte
   * @param caller who sent it: the fields that it left out are the caller's
   */
  SampleTemplate(
      byte[] body,
      int from,
      int to,
      SampleSpans spans,
      Caller caller,
      Series series,
      Metadata metadata) {
    this.bytes = Arrays.copyOfRange(body, from, to);
    this.spans = spans;
    this.caller = caller;
    this.series = series;
    this.metadata = metadata;
  }

  Series series() {
    return series;
  }

  Metadata metadata() {
    return metadata;
  }

  /** Number of bytes of the object that it was made of. */
  int length() {
    return bytes.length;
  }

  @SuppressWarnings("ReferenceEquality") // nearly always the same object, and fast then
  boolean isOf(Caller other) {
    return caller == other || caller.equals(other);
  }

  /**
   * Reads the object that begins at a place of the body.
   *
   * @param values what varies, as it is in this object
   * @return the place behind the object, or -1 when it differs elsewhere or has to be looked at
   *     more closely
   */
  int read(byte[] body, int from, SampleValues values) {
    int at = from;
    int here = 0;
    for (int i = 0; i < spans.size(); i++) {
      int to = spans.from(i);
      if (!isSame(here, to, body, at)) {
        return -1;
      }
      at = values.read(spans.field(i), spans.isNumber(i), at + to - here);
      if (at < 0) {
        return -1;
      }
      here = spans.to(i);
    }
    return isSame(here, bytes.length, body, at) ? at + bytes.length - here : -1;
  }

  private boolean isSame(int from, int to, byte[] body, int at) {
    int end = at + to - from;
    return end <= body.length && Arrays.equals(bytes, from, to, body, at, end);
  }
}
