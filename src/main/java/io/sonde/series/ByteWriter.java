package io.sonde.series;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * A growing byte array with the few number formats that our own encodings are made of. Big endian
 * where width is fixed.
 */
public final class ByteWriter {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int position;

  public ByteWriter(int capacity) {
    bytes = new byte[Math.max(16, capacity)];
  }

  /** Number of bytes written. */
  public int size() {
    return position;
  }

  public ByteWriter writeByte(int value) {
    reserve(1);
    bytes[position++] = (byte) value;
    return this;
  }

  /** Four bytes. */
  public ByteWriter writeInt(int value) {
    reserve(4);
    INTS.set(bytes, position, value);
    position += 4;
    return this;
  }

  /** Eight bytes. */
  public ByteWriter writeLong(long value) {
    reserve(8);
    LONGS.set(bytes, position, value);
    position += 8;
    return this;
  }

  /** Eight bytes, IEEE 754. */
  public ByteWriter writeDouble(double value) {
    return writeLong(Double.doubleToRawLongBits(value));
  }

  /**
   * One to ten bytes: seven bits each, low ones first, the top bit says that another byte follows
   * (LEB128).
   */
  public ByteWriter writeVarint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[position++] = (byte) rest;
    return this;
  }

  /** A varint in which numbers near zero, negative ones too, are short (zigzag). */
  public ByteWriter writeSigned(long value) {
    return writeVarint((value << 1) ^ (value >> 63));
  }

  public ByteWriter writeUuid(UUID value) {
    return writeLong(value.getMostSignificantBits()).writeLong(value.getLeastSignificantBits());
  }

  /** UTF-8 with its length before it; null is kept apart from empty. */
  public ByteWriter writeString(String value) {
    if (value == null) {
      return writeVarint(0);
    }
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    writeVarint(utf8.length + 1L);
    return writeRaw(utf8);
  }

  /** Bytes with their length before them. */
  public ByteWriter writeBytes(byte[] value) {
    writeVarint(value.length);
    return writeRaw(value);
  }

  /** Bytes alone. */
  public ByteWriter writeRaw(byte[] value) {
    reserve(value.length);
    System.arraycopy(value, 0, bytes, position, value.length);
    position += value.length;
    return this;
  }

  /**
   * Makes room for so many bytes and takes them as written.
   *
   * @return where they begin in {@link #array()}, behind which eight more may be overwritten
   */
  int skip(int count) {
    reserve(count + Long.BYTES);
    int start = position;
    position += count;
    return start;
  }

  /** The bytes themselves, as long as nothing more is written. */
  byte[] array() {
    return bytes;
  }

  /** Number of bytes of a varint. */
  static int varintBytes(long value) {
    return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }

  /** Number of bytes of a signed. */
  static int signedBytes(long value) {
    return varintBytes((value << 1) ^ (value >> 63));
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, position);
  }

  private void reserve(int more) {
    if (bytes.length - position < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, position + more));
    }
  }
}
