package io.sonde.series;

import java.util.Arrays;

/** Signed varints among which runs of zeros are written as one zero and their length. */
public final class ZeroRuns {
  private ZeroRuns() {}

  /** Writes the first {@code size} numbers. */
  public static void write(long[] numbers, int size, ByteWriter out) {
    for (int i = 0; i < size; ) {
      out.writeSigned(numbers[i]);
      if (numbers[i] == 0) {
        int end = endOfZeros(numbers, i, size);
        out.writeVarint((long) end - i);
        i = end;
      } else {
        i++;
      }
    }
  }

  /** Number of bytes that {@link #write} takes. */
  static long bytes(long[] numbers, int size) {
    long bytes = 0;
    for (int i = 0; i < size; ) {
      bytes += ByteWriter.signedBytes(numbers[i]);
      if (numbers[i] == 0) {
        int end = endOfZeros(numbers, i, size);
        bytes += ByteWriter.varintBytes((long) end - i);
        i = end;
      } else {
        i++;
      }
    }
    return bytes;
  }

  /** Reads what {@link #write} wrote to the places from {@code from} to before {@code to}. */
  public static void read(ByteReader in, long[] into, int from, int to) {
    for (int i = from; i < to; ) {
      long number = in.readSigned();
      if (number != 0) {
        into[i++] = number;
        continue;
      }
      long length = in.readVarint();
      if (length < 1 || length > to - i) {
        throw new CorruptDataException("a run of " + length + " zeros, " + (to - i) + " left");
      }
      Arrays.fill(into, i, i + (int) length, 0);
      i += (int) length;
    }
  }

  private static int endOfZeros(long[] numbers, int start, int size) {
    int end = start + 1;
    while (end < size && numbers[end] == 0) {
      end++;
    }
    return end;
  }
}
