package io.sonde.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks through a protobuf message where it lies in memory. What is no protobuf is refused with 400
 * that says what is wrong and at which byte.
 */
final class ProtobufCursor {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final byte[] bytes;
  private final String what;
  private int at;
  private int end;

  /**
   * A cursor at the first of the bytes.
   *
   * @param what what these bytes are, for errors
   */
  ProtobufCursor(byte[] bytes, int from, int to, String what) {
    this.bytes = bytes;
    this.what = what;
    this.at = from;
    this.end = to;
  }

  /** The tag of a field: its number and how it is written. */
  static int tagOfBytes(int field) {
    return field << 3 | BYTES;
  }

  static int tagOfVarint(int field) {
    return field << 3 | VARINT;
  }

  static int tagOfFixed64(int field) {
    return field << 3 | FIXED64;
  }

  boolean hasNext() {
    return at < end;
  }

  int at() {
    return at;
  }

  /** The tag of the next field. */
  int tag() {
    int start = at;
    if (at < end && bytes[at] >= 8) {
      return bytes[at++];
    }
    long tag = varint();
    if (tag < 8 || tag > 0xffff_ffffL) {
      throw malformed("a tag is expected, not " + Long.toUnsignedString(tag), start);
    }
    return (int) tag;
  }

  /** Begins to read a message within the message; the result is for {@link #leave}. */
  int enter() {
    int outer = end;
    end = endOfBytes();
    return outer;
  }

  /** Goes on behind the inner message. */
  void leave(int outer) {
    at = end;
    end = outer;
  }

  /** Passes over all fields of this tag, which has one byte and is of bytes, that come next. */
  void skipRun(int tag) {
    while (at < end && bytes[at] == tag) {
      at++;
      at = endOfBytes();
    }
  }

  /**
   * Passes over a field that is not known.
   *
   * @param known the highest field number that is known: one of those is written wrongly
   */
  void skip(int tag, int known) {
    int field = tag >>> 3;
    if (field <= known) {
      throw malformed("field " + field + " has the wire type " + (tag & 7), at);
    }
    switch (tag & 7) {
      case VARINT -> varint();
      case FIXED64 -> at = endOf(8);
      case BYTES -> at = endOfBytes();
      case FIXED32 -> at = endOf(4);
      default -> throw malformed("field " + field + " has the wire type " + (tag & 7), at);
    }
  }

  long fixed64() {
    int next = endOf(8);
    long value = (long) LONGS.get(bytes, at);
    at = next;
    return value;
  }

  long varint() {
    int start = at;
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) {
        throw malformed("a number does not end", start);
      }
      byte b = bytes[at++];
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("a number has more than ten bytes", start);
  }

  /**
   * A text.
   *
   * @throws IllegalArgumentException when it is not UTF-8
   */
  String text() {
    int to = endOfBytes();
    int from = at;
    at = to;
    String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    // What cannot be decoded becomes this character, so that different texts would become equal.
    if (text.indexOf('\ufffd') >= 0) {
      byte[] again = text.getBytes(StandardCharsets.UTF_8);
      if (!Arrays.equals(again, 0, again.length, bytes, from, to)) {
        throw new IllegalArgumentException("the name or value of a label is not UTF-8");
      }
    }
    return text;
  }

  private int endOfBytes() {
    int start = at;
    long length = at < end && bytes[at] >= 0 ? bytes[at++] : varint();
    if (length < 0 || length > end - at) {
      throw malformed(
          "a field of "
              + Long.toUnsignedString(length)
              + " bytes where "
              + (end - at)
              + " are left",
          start);
    }
    return at + (int) length;
  }

  private int endOf(int length) {
    if (length > end - at) {
      throw malformed("a field of " + length + " bytes where " + (end - at) + " are left", at);
    }
    return at + length;
  }

  private ApiException malformed(String why, int place) {
    return ApiException.badRequest(
        "The request is no WriteRequest: " + why + ", at byte " + place + " of " + what + ".");
  }
}
