package io.sonde.series;

import java.util.Arrays;

/**
 * A column of whole numbers in as few bytes as they need: a line, a line with few steps off it, or
 * packed bits of the numbers, their differences or the differences of those. All arithmetic is
 * modulo 2^64, so every column can be written. Layout: docs/formats.md.
 */
final class IntegerColumn {
  private static final int LINE = 0;
  private static final int RUNS = 1;
  private static final int PACKED = 2;

  private static final int KIND = 0x03;
  private static final int ORDER_SHIFT = 2;
  private static final int SLOPE = 0x10;
  private static final int DIVISOR = 0x20;
  private static final int UNIT_SHIFT = 6;

  /** What all fields may be written in; in microseconds the last ones are seconds and minutes. */
  private static final long[] UNITS = {1, 1_000, 1_000_000, 60_000_000};

  /** Lengths of a clock's steps, the roundest first, in microseconds. */
  private static final long[] ROUND = {
    3_600_000_000L, 60_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000
  };

  private static final int SAMPLE = PackedBlocks.BLOCK;

  private IntegerColumn() {}

  /** Writes the numbers from place {@code from} to before {@code to}, one at least. */
  static void write(long[] numbers, int from, int to, ByteWriter out) {
    write(numbers, from, to, false, out);
  }

  /** As {@link #write}; numbers are expected near the strokes of a clock. */
  static void writeTimes(long[] micros, int from, int to, ByteWriter out) {
    write(micros, from, to, true, out);
  }

  private static void write(long[] numbers, int from, int to, boolean isClock, ByteWriter out) {
    long first = numbers[from];
    int size = to - from - 1;
    long step = size == 0 ? 0 : numbers[from + 1] - first;
    int onLine = from + 1;
    while (onLine < to && numbers[onLine] - numbers[onLine - 1] == step) {
      onLine++;
    }
    if (onLine == to) {
      writeHeader(LINE, 0, first, step, 0, out);
      return;
    }
    long[] steps = new long[size];
    for (int i = 0; i < size; i++) {
      steps[i] = numbers[from + i + 1] - numbers[from + i];
    }
    long slope = usual(steps, isClock);
    if (slope != 0) {
      for (int i = 0; i < size; i++) {
        steps[i] -= slope;
      }
    }
    long divisor = divide(steps);
    writeSteps(steps, first, slope, divisor, out);
  }

  private static void writeSteps(
      long[] steps, long first, long slope, long divisor, ByteWriter out) {
    int size = steps.length;
    int order = 1;
    PackedBlocks best = PackedBlocks.of(steps, size);
    int start = Math.min(size, SAMPLE);
    long least = start == size ? best.bytes() : PackedBlocks.of(steps, start).bytes();
    // Other orders are tried on the start; seldom is one so near that all must tell.
    if (PackedBlocks.of(sums(steps, start), start).bytes() * 15 < least * 16) {
      PackedBlocks other = PackedBlocks.of(sums(steps, size), size);
      if (other.bytes() < best.bytes()) {
        order = 0;
        best = other;
      }
    }
    if (PackedBlocks.of(changes(steps, start), start).bytes() * 15 < least * 16) {
      PackedBlocks other = PackedBlocks.of(changes(steps, size), size);
      if (other.bytes() < best.bytes()) {
        order = 2;
        best = other;
      }
    }
    int zeros = 0;
    for (long step : steps) {
      zeros += step == 0 ? 1 : 0;
    }
    if (zeros > size / 4 && ZeroRuns.bytes(steps, size) <= best.bytes()) {
      writeHeader(RUNS, 1, first, slope, divisor, out);
      ZeroRuns.write(steps, size, out);
    } else {
      writeHeader(PACKED, order, first, slope, divisor, out);
      best.write(out);
    }
  }

  private static long[] sums(long[] steps, int size) {
    long[] sums = new long[size];
    long sum = 0;
    for (int i = 0; i < size; i++) {
      sums[i] = sum += steps[i];
    }
    return sums;
  }

  private static long[] changes(long[] steps, int size) {
    long[] changes = new long[size];
    long last = 0;
    for (int i = 0; i < size; i++) {
      changes[i] = steps[i] - last;
      last = steps[i];
    }
    return changes;
  }

  /** A divisor of 0 or 1 is not written. */
  private static void writeHeader(
      int kind, int order, long first, long slope, long divisor, ByteWriter out) {
    int unit = UNITS.length - 1;
    while (first % UNITS[unit] != 0 || slope % UNITS[unit] != 0 || divisor % UNITS[unit] != 0) {
      unit--;
    }
    long scale = UNITS[unit];
    boolean divided = divisor / scale > 1;
    out.writeByte(
        kind
            | order << ORDER_SHIFT
            | (slope == 0 ? 0 : SLOPE)
            | (divided ? DIVISOR : 0)
            | unit << UNIT_SHIFT);
    out.writeSigned(first / scale);
    if (slope != 0) {
      out.writeSigned(slope / scale);
    }
    if (divided) {
      out.writeVarint(divisor / scale);
    }
  }

  /** Reads what was written to the first {@code size} places. */
  static void read(ByteReader in, long[] into, int size) {
    int header = in.readByte();
    long unit = UNITS[header >>> UNIT_SHIFT];
    long first = in.readSigned() * unit;
    long slope = (header & SLOPE) == 0 ? 0 : in.readSigned() * unit;
    long divisor = (header & DIVISOR) == 0 ? unit : in.readVarint() * unit;
    int order = (header >>> ORDER_SHIFT) & 3;
    into[0] = first;
    switch (header & KIND) {
      case LINE -> Arrays.fill(into, 1, size, 0);
      case RUNS -> ZeroRuns.read(in, into, 1, size);
      case PACKED -> PackedBlocks.read(in, into, 1, size);
      default -> throw new CorruptDataException("unknown kind of column " + (header & KIND));
    }
    switch (order) {
      case 0 -> {
        for (int i = 1; i < size; i++) {
          into[i] = (first += slope) + divisor * into[i];
        }
      }
      case 1 -> {
        for (int i = 1; i < size; i++) {
          into[i] = first += slope + divisor * into[i];
        }
      }
      case 2 -> {
        long step = slope;
        for (int i = 1; i < size; i++) {
          step += divisor * into[i];
          into[i] = first += step;
        }
      }
      default -> throw new CorruptDataException("unknown order of a column " + order);
    }
  }

  /**
   * The step that more than half of all are. Else 0, or, of a clock, the roundest time near its
   * median step, so that what is left is how far it strokes off the beat.
   */
  private static long usual(long[] steps, boolean isClock) {
    long candidate = 0;
    int votes = 0;
    for (long step : steps) {
      if (votes == 0) {
        candidate = step;
      }
      votes += step == candidate ? 1 : -1;
    }
    int count = 0;
    for (long step : steps) {
      count += step == candidate ? 1 : 0;
    }
    if (count > steps.length / 2) {
      return candidate;
    }
    return isClock ? beat(steps) : 0;
  }

  private static long beat(long[] steps) {
    long[] some = new long[Math.min(steps.length, 33)];
    for (int i = 0; i < some.length; i++) {
      some[i] = steps[(int) ((long) i * steps.length / some.length)];
    }
    Arrays.sort(some);
    long median = some[some.length / 2];
    for (long unit : ROUND) {
      long round = (median + unit / 2) / unit * unit;
      if (round > 0 && Math.abs(round - median) <= median / 64) {
        return round;
      }
    }
    return 0;
  }

  /** Divides all by their greatest common divisor, which it returns. */
  private static long divide(long[] steps) {
    long divisor = 0;
    for (long step : steps) {
      if (step == Long.MIN_VALUE) {
        return 1;
      }
      if (step != 0) {
        divisor = commonDivisor(Math.abs(step), divisor);
        if (divisor == 1) {
          return 1;
        }
      }
    }
    for (int i = 0; i < steps.length; i++) {
      steps[i] /= divisor;
    }
    return divisor;
  }

  private static long commonDivisor(long a, long b) {
    long divisor = a;
    for (long rest = b; rest != 0; ) {
      long next = divisor % rest;
      divisor = rest;
      rest = next;
    }
    return divisor;
  }
}
