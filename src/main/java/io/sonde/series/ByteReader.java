package io.sonde.series;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * Reads what {@link ByteWriter} wrote. Every method throws {@link CorruptDataException} where the
 * bytes end too early.
 */
public final class ByteReader {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private final int end;
  private int position;

  public ByteReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads from {@code start} to before {@code end}. */
  public ByteReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** Number of bytes not yet read. */
  public int remaining() {
    return end - position;
  }

  public int readByte() {
    require(1);
    return bytes[position++] & 0xff;
  }

  public int readInt() {
    require(4);
    int value = (int) INTS.get(bytes, position);
    position += 4;
    return value;
  }

  public long readLong() {
    require(8);
    long value = (long) LONGS.get(bytes, position);
    position += 8;
    return value;
  }

  public double readDouble() {
    return Double.longBitsToDouble(readLong());
  }

  public long readVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = readByte();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new CorruptDataException("a varint of more than ten bytes at " + position);
  }

  /**
   * A varint that counts things which take at least one byte each, and so cannot be more than what
   * is left.
   *
   * @throws CorruptDataException when it is
   */
  public int readCount() {
    long count = readVarint();
    if (count < 0 || count > remaining()) {
      throw new CorruptDataException(count + " entries announced, " + remaining() + " bytes left");
    }
    return (int) count;
  }

  public long readSigned() {
    long value = readVarint();
    return (value >>> 1) ^ -(value & 1);
  }

  public UUID readUuid() {
    return new UUID(readLong(), readLong());
  }

  /** Text or null. */
  public String readString() {
    long length = readVarint();
    if (length == 0) {
      return null;
    }
    int size = size(length - 1);
    String value = new String(bytes, position, size, StandardCharsets.UTF_8);
    position += size;
    return value;
  }

  /** Passes over a text, or over none. */
  void skipString() {
    long length = readVarint();
    skip(length == 0 ? 0 : size(length - 1));
  }

  /** A text that must be there. */
  public String readText() {
    String text = readString();
    if (text == null) {
      throw new CorruptDataException("a text is missing before " + position);
    }
    return text;
  }

  /** A varint that is not negative and fits into an int. */
  public int readNumber() {
    long number = readVarint();
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw new CorruptDataException("the number " + number + " before " + position);
    }
    return (int) number;
  }

  public byte[] readBytes() {
    return readRaw(size(readVarint()));
  }

  /** So many bytes as they are. */
  public byte[] readRaw(int count) {
    int start = skip(count);
    return Arrays.copyOfRange(bytes, start, start + count);
  }

  /**
   * Takes so many bytes as read.
   *
   * @return where they begin in the array
   */
  public int skip(int count) {
    require(count);
    int start = position;
    position += count;
    return start;
  }

  /** Where the next byte is in the array. */
  int position() {
    return position;
  }

  /** The bytes that are read from, more than those that belong to this reader perhaps. */
  byte[] array() {
    return bytes;
  }

  private int size(long length) {
    if (length < 0 || length > remaining()) {
      throw new CorruptDataException(length + " bytes announced, " + remaining() + " left");
    }
    return (int) length;
  }

  private void require(int count) {
    if (count < 0 || remaining() < count) {
      throw new CorruptDataException(count + " bytes wanted, " + remaining() + " left");
    }
  }
}
