package io.sonde.series;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers in blocks of 64, each as its distance to a base in as many bits as the block needs (frame
 * of reference). The least and the greatest number of a block may stand apart where that makes the
 * others narrower, so that a counter's fall to zero costs a few bytes and not a wide block. Layout:
 * docs/formats.md.
 */
final class PackedBlocks {
  static final int BLOCK = 64;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int NEW_BASE = 0x40;
  private static final int EXCEPTIONS = 0x80;
  private static final int WIDEST = 0x3f;

  /** Up to this width, eight bytes hold a number wherever it begins in the first of them. */
  private static final int ONE_LOAD = 57;

  private final long[] numbers;
  private final int size;
  private final long[] base;
  private final byte[] width;
  private final long bytes;

  private PackedBlocks(long[] numbers, int size) {
    this.numbers = numbers;
    this.size = size;
    int blocks = (size + BLOCK - 1) / BLOCK;
    base = new long[blocks];
    width = new byte[blocks];
    long[] high = new long[blocks];
    long total = 0;
    for (int b = 0; b < blocks; b++) {
      total += trim(b, high);
    }
    bytes = total + chooseBases(high);
  }

  /** Decides how the first {@code size} numbers are packed. */
  static PackedBlocks of(long[] numbers, int size) {
    return new PackedBlocks(numbers, size);
  }

  /** Number of bytes that {@link #write} takes, about. */
  long bytes() {
    return bytes;
  }

  /**
   * Finds the span of a block without the numbers that had better stand apart: puts its low end
   * into {@code base}.
   *
   * @return bytes for what stands apart
   */
  private int trim(int b, long[] high) {
    int start = b * BLOCK;
    int end = Math.min(start + BLOCK, size);
    long low1 = numbers[start];
    long low2 = Long.MAX_VALUE;
    long high1 = low1;
    long high2 = Long.MIN_VALUE;
    for (int i = start + 1; i < end; i++) {
      long number = numbers[i];
      if (number < low2) {
        low2 = Math.max(number, low1);
        low1 = Math.min(number, low1);
      }
      if (number > high2) {
        high2 = Math.min(number, high1);
        high1 = Math.max(number, high1);
      }
    }
    base[b] = low1;
    high[b] = high1;
    int count = end - start;
    if (count < 4) {
      return 0;
    }
    int apart = 0;
    int best = packedBytes(count, widthOf(high1 - low1));
    int one = 2 + ByteWriter.signedBytes(low1 - low2);
    int bytes = one + packedBytes(count, widthOf(high1 - low2));
    if (bytes < best) {
      best = bytes;
      apart = one;
      base[b] = low2;
    }
    one = 2 + ByteWriter.signedBytes(high1 - low1);
    bytes = one + packedBytes(count, widthOf(high2 - low1));
    if (bytes < best) {
      best = bytes;
      apart = one;
      base[b] = low1;
      high[b] = high2;
    }
    one = 3 + ByteWriter.signedBytes(high1 - low2) + ByteWriter.signedBytes(low1 - low2);
    bytes = one + packedBytes(count, widthOf(high2 - low2));
    if (bytes < best) {
      apart = one;
      base[b] = low2;
      high[b] = high2;
    }
    return apart;
  }

  /**
   * Turns spans into bases and widths. A base is kept where a new one would not pay; a new one is
   * taken so low that later blocks can keep it.
   *
   * @return bytes for headers, bases and packed numbers
   */
  private long chooseBases(long[] high) {
    long[] least = base.clone();
    for (int b = least.length - 2; b >= 0; b--) {
      least[b] = Math.min(least[b], least[b + 1]);
    }
    long total = 0;
    long current = 0;
    for (int b = 0; b < base.length; b++) {
      int count = Math.min(BLOCK, size - b * BLOCK);
      long low = base[b];
      int narrow = widthOf(high[b] - low);
      long fresh = widthOf(high[b] - least[b]) == narrow ? least[b] : low;
      int change = ByteWriter.signedBytes(fresh - current) + packedBytes(count, narrow);
      int keptWidth = widthOf(high[b] - current);
      int keep = packedBytes(count, keptWidth);
      if (low >= current && keep <= change) {
        width[b] = (byte) keptWidth;
        total += 1 + keep;
      } else {
        current = fresh;
        width[b] = (byte) narrow;
        total += 1 + change;
      }
      base[b] = current;
    }
    return total;
  }

  void write(ByteWriter out) {
    long current = 0;
    for (int b = 0; b < base.length; b++) {
      int start = b * BLOCK;
      int end = Math.min(start + BLOCK, size);
      int apart = 0;
      if (width[b] < Long.SIZE) {
        for (int i = start; i < end; i++) {
          apart += (numbers[i] - base[b]) >>> width[b] == 0 ? 0 : 1;
        }
      }
      out.writeByte(
          Math.min(width[b], WIDEST)
              | (base[b] == current ? 0 : NEW_BASE)
              | (apart == 0 ? 0 : EXCEPTIONS));
      if (base[b] != current) {
        out.writeSigned(base[b] - current);
        current = base[b];
      }
      pack(start, end, current, width[b], out);
      if (apart > 0) {
        out.writeByte(apart);
        for (int i = start; i < end; i++) {
          long distance = numbers[i] - current;
          if (distance >>> width[b] != 0) {
            out.writeByte(i - start).writeSigned(distance);
          }
        }
      }
    }
  }

  /** What does not fit is packed as some other number, and stands apart. */
  private void pack(int start, int end, long base, int width, ByteWriter out) {
    if (width == 0) {
      return;
    }
    int at = out.skip(packedBytes(end - start, width));
    byte[] bytes = out.array();
    long mask = -1L >>> (Long.SIZE - width);
    long word = 0;
    int free = Long.SIZE;
    for (int i = start; i < end; i++) {
      long distance = (numbers[i] - base) & mask;
      free -= width;
      if (free > 0) {
        word |= distance << free;
      } else {
        LONGS.set(bytes, at, word | distance >>> -free);
        at += Long.BYTES;
        word = free == 0 ? 0 : distance << (Long.SIZE + free);
        free += Long.SIZE;
      }
    }
    LONGS.set(bytes, at, word);
  }

  /** Reads what {@link #write} wrote to the places from {@code from} to before {@code to}. */
  static void read(ByteReader in, long[] into, int from, int to) {
    long base = 0;
    for (int start = from; start < to; start += BLOCK) {
      int count = Math.min(BLOCK, to - start);
      int header = in.readByte();
      int width = header & WIDEST;
      if (width == WIDEST) {
        width = Long.SIZE;
      }
      if ((header & NEW_BASE) != 0) {
        base += in.readSigned();
      }
      unpack(in, into, start, count, base, width);
      if ((header & EXCEPTIONS) != 0) {
        for (int left = in.readByte(); left > 0; left--) {
          int place = in.readByte();
          if (place >= count) {
            throw new CorruptDataException("place " + place + " in a block of " + count);
          }
          into[start + place] = base + in.readSigned();
        }
      }
    }
  }

  private static void unpack(
      ByteReader in, long[] into, int start, int count, long base, int width) {
    if (width == 0) {
      Arrays.fill(into, start, start + count, base);
      return;
    }
    int at = in.skip(packedBytes(count, width));
    byte[] bytes = in.array();
    // Of how many numbers the eight bytes lie within the array.
    int whole =
        width > ONE_LOAD
            ? 0
            : (int) Math.min(count, ((bytes.length - at - 7L) * Byte.SIZE + width - 1) / width);
    int drop = Long.SIZE - width;
    for (int i = 0, bit = 0; i < whole; i++, bit += width) {
      long word = (long) LONGS.get(bytes, at + (bit >>> 3));
      into[start + i] = base + ((word << (bit & 7)) >>> drop);
    }
    for (int i = Math.max(whole, 0); i < count; i++) {
      into[start + i] = base + bits(bytes, at * (long) Byte.SIZE + (long) i * width, width);
    }
  }

  /** So many bits from a place on, byte by byte. */
  private static long bits(byte[] bytes, long from, int width) {
    long value = 0;
    int wanted = width;
    for (long bit = from; wanted > 0; ) {
      int have = Byte.SIZE - (int) (bit & 7);
      int taken = Math.min(have, wanted);
      int some = ((bytes[(int) (bit >>> 3)] & 0xff) >>> (have - taken)) & ((1 << taken) - 1);
      value = value << taken | some;
      bit += taken;
      wanted -= taken;
    }
    return value;
  }

  private static int packedBytes(int count, int width) {
    return (count * width + 7) / 8;
  }

  /** Bits that a number from 0 to this one needs, which is taken as unsigned; 63 is not used. */
  private static int widthOf(long span) {
    int width = Long.SIZE - Long.numberOfLeadingZeros(span);
    return width == WIDEST ? Long.SIZE : width;
  }
}
