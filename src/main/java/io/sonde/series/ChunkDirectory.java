package io.sonde.series;

/**
 * What each hour (UTC) of a chunk sums up to, so that statistics over whole hours need not open its
 * payload. Hours without samples are left out. Layout: docs/formats.md.
 */
public final class ChunkDirectory {
  /** Length of an hour in microseconds. */
  public static final long HOUR = 3_600_000_000L;

  /** Hours that one directory may have; more are damage, and no reason to fill the memory. */
  public static final int MAX_HOURS = 1 << 16;

  private static final int VERSION = 1;

  private static final int DIGITS = 0x0f;
  private static final int DOUBLES = 0x0f;
  private static final int REMAINDERS = 0x10;
  private static final int EXPANSIONS = 0x20;
  private static final int REGULAR = 0x40;
  private static final int LEVEL = 0x80;

  /** Sums of whole numbers stay so far below the end of long that their prediction does as well. */
  private static final double LARGEST = 0x1p60;

  private final int hours;
  private final long[] hour;
  private final long[] count;
  private final long[] first;
  private final long[] last;

  /** What the volumes are written as: digits behind the point, or {@link #DOUBLES}. */
  private int form;

  // Whole numbers, or doubles as longs of the same order.
  private final long[] min;
  private final long[] max;

  /** Each hour has one volume only, and so no need of a sum. */
  private boolean isLevel;

  private final long[] sum;

  /** What an hour's sum exceeds its whole number by, in units of 2^exponent; or null. */
  private long[] remainder;

  private int exponent;

  /** The sums where whole numbers do not tell them; or null. */
  private ExactSum[] expansion;

  private ChunkDirectory(int hours) {
    this.hours = hours;
    hour = new long[hours];
    count = new long[hours];
    first = new long[hours];
    last = new long[hours];
    min = new long[hours];
    max = new long[hours];
    sum = new long[hours];
  }

  /** Number of hours that have samples. */
  public int hours() {
    return hours;
  }

  /** When hour i begins; microseconds since 1970. */
  public long hour(int i) {
    return hour[i] * HOUR;
  }

  /** Samples in hour i, one at least. */
  public int count(int i) {
    return (int) count[i];
  }

  /** The earliest timestamp in hour i, microseconds. */
  public long first(int i) {
    return first[i];
  }

  /** The latest timestamp in hour i, microseconds. */
  public long last(int i) {
    return last[i];
  }

  /** The least volume in hour i. */
  public double min(int i) {
    return volume(min[i]);
  }

  /** The greatest volume in hour i. */
  public double max(int i) {
    return volume(max[i]);
  }

  /** Adds the exact sum of the volumes in hour i. */
  public void addSum(int i, ExactSum to) {
    if (isLevel) {
      to.addTimes(volume(min[i]), count(i));
    } else if (expansion != null) {
      to.add(expansion[i]);
    } else if (form == 0) {
      to.add(sum[i]);
    } else {
      to.add(Decimals.volume(sum[i], form));
      if (remainder != null) {
        to.add(Math.scalb((double) (remainder[i] >> 32 << 32), exponent));
        to.add(Math.scalb((double) (remainder[i] & 0xffff_ffffL), exponent));
      }
    }
  }

  private double volume(long written) {
    return form == DOUBLES
        ? Double.longBitsToDouble(Decimals.ordered(written))
        : Decimals.volume(written, form);
  }

  /**
   * The directory of the samples from place {@code from} to before place {@code to}.
   *
   * @param digits as {@link Decimals#scale} returned for their volumes
   * @param numbers what it filled in
   */
  static byte[] encode(Columns columns, int from, int to, int digits, long[] numbers) {
    ChunkDirectory directory = new ChunkDirectory(countHours(columns.timestamps, from, to));
    directory.form = digits < 0 ? DOUBLES : digits;
    directory.fillTimes(columns.timestamps, from, to);
    if (digits < 0) {
      directory.fillDoubles(columns.volumes, from);
    } else {
      directory.fillNumbers(columns.volumes, from, numbers);
    }
    boolean isRegular = isRegular(columns.timestamps, from, to);
    ByteWriter out = new ByteWriter(64 + directory.hours * 16);
    out.writeByte(VERSION)
        .writeByte(
            directory.form
                | (directory.remainder == null ? 0 : REMAINDERS)
                | (directory.expansion == null ? 0 : EXPANSIONS)
                | (isRegular ? REGULAR : 0)
                | (directory.isLevel ? LEVEL : 0));
    if (isRegular) {
      out.writeVarint((long) to - from);
      IntegerColumn.write(columns.timestamps, from, Math.min(to, from + 2), out);
    } else {
      directory.writeTimes(out);
    }
    directory.writeVolumes(out);
    return Checksum.append(out);
  }

  /**
   * The directory of these bytes.
   *
   * @throws CorruptDataException when they are none
   */
  public static ChunkDirectory decode(byte[] bytes) {
    ByteReader in = Checksum.check(bytes, "a directory");
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptDataException("directory of unknown version " + version);
    }
    int header = in.readByte();
    int form = header & DIGITS;
    boolean isKnown =
        form == DOUBLES
            ? (header & (REMAINDERS | EXPANSIONS | LEVEL)) == EXPANSIONS
            : form <= Decimals.MAX_DIGITS;
    if (!isKnown) {
      throw new CorruptDataException("unknown form of a directory " + header);
    }
    ChunkDirectory directory = (header & REGULAR) != 0 ? readRegular(in) : readTimes(in);
    directory.form = form;
    directory.readVolumes(in, header);
    if (in.remaining() > 0) {
      throw new CorruptDataException(in.remaining() + " bytes after the end of a directory");
    }
    return directory;
  }

  private static int countHours(long[] timestamps, int from, int to) {
    int hours = 0;
    for (int i = from; i < to; hours++) {
      i = endOfHour(timestamps, i, to);
    }
    if (hours > MAX_HOURS) {
      throw new IllegalArgumentException("a chunk has samples in at most " + MAX_HOURS + " hours");
    }
    return hours;
  }

  private static int endOfHour(long[] timestamps, int start, int to) {
    long last = Math.floorDiv(timestamps[start], HOUR) * HOUR + (HOUR - 1);
    int end = start + 1;
    while (end < to && timestamps[end] <= last) {
      end++;
    }
    return end;
  }

  private static boolean isRegular(long[] timestamps, int from, int to) {
    long step = to - from == 1 ? 0 : timestamps[from + 1] - timestamps[from];
    for (int i = from + 2; i < to; i++) {
      if (timestamps[i] - timestamps[i - 1] != step) {
        return false;
      }
    }
    return isFarFromTheEnd(timestamps[from], step, to - from);
  }

  /** Whether a long holds the end of the last sample's hour. */
  private static boolean isFarFromTheEnd(long first, long step, int samples) {
    return Math.abs(first / 2) < Long.MAX_VALUE / 4
        && step >= 0
        && step < Long.MAX_VALUE / 4 / samples;
  }

  private void fillTimes(long[] timestamps, int from, int to) {
    int start = from;
    for (int h = 0; h < hours; h++) {
      int end = endOfHour(timestamps, start, to);
      hour[h] = Math.floorDiv(timestamps[start], HOUR);
      count[h] = (long) end - start;
      first[h] = timestamps[start];
      last[h] = timestamps[end - 1];
      start = end;
    }
  }

  private void fillDoubles(double[] volumes, int from) {
    expansion = new ExactSum[hours];
    int start = from;
    for (int h = 0; h < hours; h++) {
      int end = start + count(h);
      double least = Double.POSITIVE_INFINITY;
      double greatest = Double.NEGATIVE_INFINITY;
      for (int i = start; i < end; i++) {
        least = Math.min(least, volumes[i]);
        greatest = Math.max(greatest, volumes[i]);
      }
      min[h] = Decimals.ordered(Double.doubleToRawLongBits(least));
      max[h] = Decimals.ordered(Double.doubleToRawLongBits(greatest));
      expansion[h] = new ExactSum();
      expansion[h].add(volumes, start, end);
      start = end;
    }
  }

  private void fillNumbers(double[] volumes, int from, long[] numbers) {
    isLevel = true;
    boolean isSmall = true;
    int start = 0;
    for (int h = 0; h < hours; h++) {
      int end = start + count(h);
      long least = numbers[start];
      long greatest = least;
      long total = 0;
      for (int i = start; i < end; i++) {
        least = Math.min(least, numbers[i]);
        greatest = Math.max(greatest, numbers[i]);
        total += numbers[i];
      }
      min[h] = least;
      max[h] = greatest;
      sum[h] = total;
      isLevel &= least == greatest;
      isSmall &= (double) Math.max(Math.abs(least), Math.abs(greatest)) * count[h] < LARGEST;
      start = end;
    }
    if (!isLevel && (form > 0 || !isSmall)) {
      fillRemainders(volumes, from, isSmall);
    }
  }

  /**
   * The sum of the doubles is not the double of the sum. They differ by a few of the last bits that
   * the volumes have; where not, the sums themselves are kept.
   */
  private void fillRemainders(double[] volumes, int from, boolean isSmall) {
    ExactSum[] exact = new ExactSum[hours];
    int lowest = Integer.MAX_VALUE;
    int start = from;
    for (int h = 0; h < hours; h++) {
      int end = start + count(h);
      exact[h] = new ExactSum();
      exact[h].add(volumes, start, end);
      exact[h].add(isSmall ? -Decimals.volume(sum[h], form) : 0);
      lowest = Math.min(lowest, exact[h].lowestBit());
      start = end;
    }
    if (isSmall && lowest == Integer.MAX_VALUE) {
      return;
    }
    exponent = lowest;
    remainder = new long[hours];
    boolean fits = isSmall;
    for (int h = 0; h < hours && fits; h++) {
      remainder[h] = exact[h].inUnits(exponent);
      fits = remainder[h] != Long.MIN_VALUE;
    }
    if (!fits) {
      remainder = null;
      expansion = exact;
      for (int h = 0; h < hours; h++) {
        exact[h].add(isSmall ? Decimals.volume(sum[h], form) : 0);
      }
    }
  }

  private void writeTimes(ByteWriter out) {
    out.writeVarint(hours);
    long[] sinceHour = new long[hours];
    long[] untilNext = new long[hours];
    for (int h = 0; h < hours; h++) {
      sinceHour[h] = first[h] - hour(h);
      untilNext[h] = hour(h) + HOUR - last[h];
    }
    IntegerColumn.write(hour, 0, hours, out);
    IntegerColumn.write(count, 0, hours, out);
    IntegerColumn.write(sinceHour, 0, hours, out);
    IntegerColumn.write(untilNext, 0, hours, out);
  }

  private static ChunkDirectory readTimes(ByteReader in) {
    int hours = in.readNumber();
    requireHours(hours);
    ChunkDirectory directory = new ChunkDirectory(hours);
    IntegerColumn.read(in, directory.hour, hours);
    IntegerColumn.read(in, directory.count, hours);
    IntegerColumn.read(in, directory.first, hours);
    IntegerColumn.read(in, directory.last, hours);
    for (int h = 0; h < hours; h++) {
      directory.first[h] += directory.hour(h);
      directory.last[h] = directory.hour(h) + HOUR - directory.last[h];
      if (directory.count[h] < 1 || directory.count[h] > ChunkCodec.MAX_SAMPLES) {
        throw new CorruptDataException("an hour of " + directory.count[h] + " samples");
      }
    }
    return directory;
  }

  private static ChunkDirectory readRegular(ByteReader in) {
    int samples = in.readNumber();
    long[] start = new long[2];
    IntegerColumn.read(in, start, samples == 1 ? 1 : 2);
    long step = samples == 1 ? 0 : start[1] - start[0];
    long first = start[0];
    if (samples < 1 || samples > ChunkCodec.MAX_SAMPLES || !isFarFromTheEnd(first, step, samples)) {
      throw new CorruptDataException(samples + " samples from " + first + " at steps of " + step);
    }
    // Either no hour is left out or each sample has one of its own.
    long end = first + (samples - 1) * step;
    long span = Math.floorDiv(end, HOUR) - Math.floorDiv(first, HOUR) + 1;
    int hours = (int) Math.min(samples, span);
    requireHours(hours);
    ChunkDirectory directory = new ChunkDirectory(hours);
    int h = 0;
    long time = first;
    for (int left = samples; left > 0; h++) {
      long hour = Math.floorDiv(time, HOUR);
      long room = hour * HOUR + (HOUR - 1) - time;
      int count = step == 0 ? left : (int) Math.min(left, room / step + 1);
      directory.hour[h] = hour;
      directory.count[h] = count;
      directory.first[h] = time;
      directory.last[h] = time + (count - 1) * step;
      time += count * step;
      left -= count;
    }
    return directory;
  }

  private static void requireHours(int hours) {
    if (hours < 1 || hours > MAX_HOURS) {
      throw new CorruptDataException("a directory of " + hours + " hours");
    }
  }

  /** Each hour against the one before it: a counter's least volume follows its greatest. */
  private void writeVolumes(ByteWriter out) {
    if (form == DOUBLES) {
      IntegerColumn.write(min, 0, hours, out);
      IntegerColumn.write(max, 0, hours, out);
    } else {
      long[] gap = new long[hours];
      long[] range = new long[hours];
      long[] excess = new long[hours];
      for (int h = 0; h < hours; h++) {
        gap[h] = min[h] - (h == 0 ? 0 : max[h - 1]);
        range[h] = max[h] - min[h];
        excess[h] = sum[h] - predictedSum(h);
      }
      IntegerColumn.write(gap, 0, hours, out);
      if (!isLevel) {
        IntegerColumn.write(range, 0, hours, out);
      }
      if (!isLevel && expansion == null) {
        IntegerColumn.write(excess, 0, hours, out);
      }
    }
    if (remainder != null) {
      out.writeSigned(exponent);
      IntegerColumn.write(remainder, 0, hours, out);
    }
    if (expansion != null) {
      for (ExactSum one : expansion) {
        one.write(out);
      }
    }
  }

  private void readVolumes(ByteReader in, int header) {
    isLevel = (header & LEVEL) != 0;
    IntegerColumn.read(in, min, hours);
    if (form == DOUBLES) {
      IntegerColumn.read(in, max, hours);
      for (int h = 0; h < hours; h++) {
        if (!Double.isFinite(min(h)) || !Double.isFinite(max(h))) {
          throw new CorruptDataException("volumes from " + min(h) + " to " + max(h));
        }
      }
    } else {
      if (!isLevel) {
        IntegerColumn.read(in, max, hours);
      }
      for (int h = 0; h < hours; h++) {
        min[h] += h == 0 ? 0 : max[h - 1];
        max[h] += min[h];
      }
      if (!isLevel && (header & EXPANSIONS) == 0) {
        IntegerColumn.read(in, sum, hours);
        for (int h = 0; h < hours; h++) {
          sum[h] += predictedSum(h);
        }
      }
    }
    if ((header & REMAINDERS) != 0) {
      long power = in.readSigned();
      if (power < -1074 || power > 64) {
        throw new CorruptDataException("remainders of 2^" + power);
      }
      exponent = (int) power;
      remainder = new long[hours];
      IntegerColumn.read(in, remainder, hours);
    }
    if ((header & EXPANSIONS) != 0) {
      expansion = new ExactSum[hours];
      for (int h = 0; h < hours; h++) {
        expansion[h] = ExactSum.read(in);
      }
    }
  }

  /** As if the volumes lay evenly between the least and the greatest. */
  private long predictedSum(int h) {
    return (count[h] * (min[h] + max[h])) >> 1;
  }
}
