package io.sonde.series;

/**
 * What each hour (UTC) of a chunk sums up to, so that statistics over whole hours need not open its
 * payload. Hours without samples are left out. Layout: docs/formats.md.
 */
public final class ChunkDirectory {
  /** Length of an hour in microseconds. */
  public static final long HOUR = 3_600_000_000L;

  private static final int VERSION = 1;

  private final int hours;
  private final long[] hour;
  private final int[] count;
  private final long[] first;
  private final long[] last;
  private final double[] min;
  private final double[] max;
  private final int[] sumAt;
  private final byte[] bytes;

  private ChunkDirectory(int hours, byte[] bytes) {
    this.hours = hours;
    this.bytes = bytes;
    hour = new long[hours];
    count = new int[hours];
    first = new long[hours];
    last = new long[hours];
    min = new double[hours];
    max = new double[hours];
    sumAt = new int[hours];
  }

  /** Number of hours that have samples. */
  public int hours() {
    return hours;
  }

  /** When hour i begins; microseconds since 1970. */
  public long hour(int i) {
    return hour[i];
  }

  /** Samples in hour i, one at least. */
  public int count(int i) {
    return count[i];
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
    return min[i];
  }

  /** The greatest volume in hour i. */
  public double max(int i) {
    return max[i];
  }

  /** Adds the exact sum of the volumes in hour i. */
  public void addSum(int i, ExactSum to) {
    ExactSum.addWritten(new ByteReader(bytes, sumAt[i], bytes.length), to);
  }

  /** The directory of the samples from place {@code from} to before place {@code to}. */
  public static byte[] encode(Columns columns, int from, int to) {
    ByteWriter body = new ByteWriter(256);
    int hours = 0;
    for (int i = from; i < to; hours++) {
      long hour = Math.floorDiv(columns.timestamp(i), HOUR);
      int end = i;
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      ExactSum sum = new ExactSum();
      while (end < to && Math.floorDiv(columns.timestamp(end), HOUR) == hour) {
        double volume = columns.volume(end++);
        min = Math.min(min, volume);
        max = Math.max(max, volume);
        sum.add(volume);
      }
      body.writeSigned(hour).writeVarint((long) end - i);
      body.writeVarint(columns.timestamp(i) - hour * HOUR);
      body.writeVarint(columns.timestamp(end - 1) - columns.timestamp(i));
      body.writeDouble(min).writeDouble(max);
      sum.write(body);
      i = end;
    }
    ByteWriter out = new ByteWriter(body.size() + 16);
    out.writeByte(VERSION).writeVarint(hours).writeRaw(body.toByteArray());
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
    ChunkDirectory directory = new ChunkDirectory(in.readCount(), bytes);
    for (int i = 0; i < directory.hours; i++) {
      directory.hour[i] = in.readSigned() * HOUR;
      directory.count[i] = in.readNumber();
      directory.first[i] = directory.hour[i] + in.readVarint();
      directory.last[i] = directory.first[i] + in.readVarint();
      directory.min[i] = in.readDouble();
      directory.max[i] = in.readDouble();
      directory.sumAt[i] = in.position();
      ExactSum.skipWritten(in);
    }
    if (in.remaining() > 0) {
      throw new CorruptDataException(in.remaining() + " bytes after the end of a directory");
    }
    return directory;
  }
}
