package io.sonde.publish;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A protobuf message that grows field by field. */
final class Protobuf {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;

  private byte[] bytes = new byte[256];
  private int size;

  /** A number of at most 64 bits. */
  Protobuf varint(int field, long value) {
    number((long) field << 3 | VARINT);
    number(value);
    return this;
  }

  /** Eight bytes, the least first. */
  Protobuf fixed64(int field, long bits) {
    number((long) field << 3 | FIXED64);
    room(Long.BYTES);
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      bytes[size++] = (byte) (bits >>> shift);
    }
    return this;
  }

  /** A floating-point number of 64 bits. */
  Protobuf number(int field, double value) {
    return fixed64(field, Double.doubleToRawLongBits(value));
  }

  /** A text. */
  Protobuf text(int field, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return bytes(field, utf8, utf8.length);
  }

  /** A message within this one. */
  Protobuf message(int field, Protobuf message) {
    return bytes(field, message.bytes, message.size);
  }

  /** All that was written. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private Protobuf bytes(int field, byte[] from, int length) {
    number((long) field << 3 | BYTES);
    number(length);
    room(length);
    System.arraycopy(from, 0, bytes, size, length);
    size += length;
    return this;
  }

  private void number(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void room(int length) {
    if (bytes.length - size < length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + length));
    }
  }
}
