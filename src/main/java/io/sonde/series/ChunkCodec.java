package io.sonde.series;

import io.sonde.model.SampleKey;
import java.util.Arrays;
import java.util.UUID;

/**
 * Columns of one series as bytes: the payload of a chunk row, of a snapshot's open blocks and of a
 * collector's answers. The layout of version 1 is written down in docs/formats.md; the last four
 * bytes are a CRC-32C of all before them, so that damage is found and never decoded into wrong
 * figures.
 */
public final class ChunkCodec {
  /** Samples that one chunk may have; more are damage, and no reason to fill the memory. */
  public static final int MAX_SAMPLES = 1 << 22;

  private static final int VERSION = 1;

  private static final int CONSTANT = 0;
  private static final int INTEGERS = 1;
  private static final int DOUBLES = 2;

  private static final int RECORDED_ITSELF = 0;
  private static final int RECORDED_FROM_TIMESTAMP = 1;

  /** Integers beyond this are not exact in a double. */
  private static final double EXACT_INTEGER = 1L << 53;

  private static final long MICROS = 1_000_000;

  private ChunkCodec() {}

  /** All of the columns. */
  public static Chunk encode(Columns columns) {
    return encode(columns, 0, columns.size);
  }

  /** The samples from place {@code from} to before place {@code to}; at least one. */
  public static Chunk encode(Columns columns, int from, int to) {
    if (from >= to) {
      throw new IllegalArgumentException("a chunk holds at least one sample");
    }
    if (to - from > MAX_SAMPLES) {
      throw new IllegalArgumentException("a chunk holds at most " + MAX_SAMPLES + " samples");
    }
    ByteWriter out = new ByteWriter(64 + (to - from) * 6);
    out.writeByte(VERSION).writeVarint((long) to - from);
    writeTimestamps(columns.timestamps, from, to, out);
    writeVolumes(columns.volumes, from, to, out);
    writeKeys(columns, from, to, out);
    writeMetadata(columns, from, to, out);
    writeRecorded(columns, from, to, out);
    return new Chunk(
        columns.timestamps[from],
        columns.timestamps[to - 1],
        to - from,
        ChunkDirectory.encode(columns, from, to),
        Checksum.append(out));
  }

  /**
   * What {@link #encode(Columns)} was given.
   *
   * @throws CorruptDataException when the bytes are not what it returned
   */
  public static Columns decode(byte[] bytes) {
    ByteReader in = Checksum.check(bytes, "a chunk");
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptDataException("chunk of unknown version " + version);
    }
    long announced = in.readVarint();
    if (announced < 1 || announced > MAX_SAMPLES) {
      throw new CorruptDataException("a chunk of " + announced + " samples");
    }
    int size = (int) announced;
    long[] timestamps = readTimestamps(in, size);
    double[] volumes = readVolumes(in, size);
    long[] keys = readKeys(in, size);
    UUID[] metadata = new UUID[in.readCount()];
    for (int i = 0; i < metadata.length; i++) {
      metadata[i] = in.readUuid();
    }
    int[] metadataRef = readRuns(in, size, metadata.length);
    int[] recorded = readRecorded(in, timestamps);
    if (in.remaining() > 0) {
      throw new CorruptDataException(in.remaining() + " bytes after the end of a chunk");
    }
    return new Columns(size, timestamps, volumes, keys, metadata, metadataRef, recorded);
  }

  /**
   * The first as it is, then how much each step differs from the one before; equal steps cost next
   * to nothing.
   */
  private static void writeTimestamps(long[] timestamps, int from, int to, ByteWriter out) {
    out.writeSigned(timestamps[from]);
    ZeroRuns runs = new ZeroRuns(out);
    long step = 0;
    for (int i = from + 1; i < to; i++) {
      long next = timestamps[i] - timestamps[i - 1];
      runs.write(next - step);
      step = next;
    }
    runs.end();
  }

  private static long[] readTimestamps(ByteReader in, int size) {
    long[] timestamps = new long[size];
    timestamps[0] = in.readSigned();
    ZeroRuns.Reader runs = new ZeroRuns.Reader(in);
    long step = 0;
    for (int i = 1; i < size; i++) {
      step += runs.read();
      timestamps[i] = timestamps[i - 1] + step;
    }
    runs.end();
    return timestamps;
  }

  private static void writeVolumes(double[] volumes, int from, int to, ByteWriter out) {
    int form = formOf(volumes, from, to);
    out.writeByte(form);
    if (form == CONSTANT) {
      out.writeDouble(volumes[from]);
    } else if (form == INTEGERS) {
      out.writeSigned((long) volumes[from]);
      ZeroRuns runs = new ZeroRuns(out);
      for (int i = from + 1; i < to; i++) {
        runs.write((long) volumes[i] - (long) volumes[i - 1]);
      }
      runs.end();
    } else {
      for (int i = from; i < to; i++) {
        out.writeDouble(volumes[i]);
      }
    }
  }

  private static int formOf(double[] volumes, int from, int to) {
    boolean constant = true;
    boolean integers = true;
    long firstBits = Double.doubleToRawLongBits(volumes[from]);
    for (int i = from; i < to; i++) {
      double volume = volumes[i];
      constant &= Double.doubleToRawLongBits(volume) == firstBits;
      // Negative zero is an integer that a long does not keep.
      integers &=
          volume == Math.rint(volume)
              && Math.abs(volume) < EXACT_INTEGER
              && Double.doubleToRawLongBits(volume) != Long.MIN_VALUE;
    }
    if (constant) {
      return CONSTANT;
    }
    return integers ? INTEGERS : DOUBLES;
  }

  private static double[] readVolumes(ByteReader in, int size) {
    double[] volumes = new double[size];
    int form = in.readByte();
    if (form == CONSTANT) {
      Arrays.fill(volumes, in.readDouble());
    } else if (form == INTEGERS) {
      long volume = in.readSigned();
      volumes[0] = volume;
      ZeroRuns.Reader runs = new ZeroRuns.Reader(in);
      for (int i = 1; i < size; i++) {
        volume += runs.read();
        volumes[i] = volume;
      }
      runs.end();
    } else if (form == DOUBLES) {
      for (int i = 0; i < size; i++) {
        volumes[i] = in.readDouble();
      }
    } else {
      throw new CorruptDataException("unknown form of volumes " + form);
    }
    return volumes;
  }

  private static void writeKeys(Columns columns, int from, int to, ByteWriter out) {
    boolean any = false;
    for (int i = from; i < to; i++) {
      any |= columns.key(i) != SampleKey.NONE;
    }
    out.writeByte(any ? 1 : 0);
    for (int i = from; any && i < to; i++) {
      out.writeLong(columns.key(i));
    }
  }

  private static long[] readKeys(ByteReader in, int size) {
    if (!isOne(in, "form of keys")) {
      return null;
    }
    long[] keys = new long[size];
    for (int i = 0; i < size; i++) {
      keys[i] = in.readLong();
    }
    return keys;
  }

  /**
   * Only the ids that these samples refer to, in order of first use, then runs of places among
   * them.
   */
  private static void writeMetadata(Columns columns, int from, int to, ByteWriter out) {
    int[] places = new int[columns.metadata.length];
    int used = 0;
    ByteWriter ids = new ByteWriter(16);
    long[] refs = new long[to - from];
    for (int i = from; i < to; i++) {
      int ref = columns.metadataRef == null ? 0 : columns.metadataRef[i];
      if (places[ref] == 0) {
        places[ref] = ++used;
        ids.writeUuid(columns.metadata[ref]);
      }
      refs[i - from] = places[ref] - 1L;
    }
    out.writeVarint(used).writeRaw(ids.toByteArray());
    writeRuns(refs, out);
  }

  private static void writeRecorded(Columns columns, int from, int to, ByteWriter out) {
    long[] itself = new long[to - from];
    long[] distance = new long[to - from];
    for (int i = from; i < to; i++) {
      itself[i - from] = columns.recorded(i);
      distance[i - from] = columns.recorded(i) - Math.floorDiv(columns.timestamps[i], MICROS);
    }
    boolean byDistance = countRuns(distance) < countRuns(itself);
    out.writeByte(byDistance ? RECORDED_FROM_TIMESTAMP : RECORDED_ITSELF);
    writeRuns(byDistance ? distance : itself, out);
  }

  private static int[] readRecorded(ByteReader in, long[] timestamps) {
    boolean isFromTimestamp = isOne(in, "form of recorded times");
    int[] recorded = new int[timestamps.length];
    for (int i = 0; i < recorded.length; ) {
      long value = in.readSigned();
      for (int end = endOfRun(in, i, recorded.length); i < end; i++) {
        recorded[i] =
            (int) (isFromTimestamp ? value + Math.floorDiv(timestamps[i], MICROS) : value);
      }
    }
    return recorded;
  }

  private static void writeRuns(long[] values, ByteWriter out) {
    for (int i = 0; i < values.length; ) {
      int end = i + 1;
      while (end < values.length && values[end] == values[i]) {
        end++;
      }
      out.writeSigned(values[i]).writeVarint((long) end - i);
      i = end;
    }
  }

  private static int countRuns(long[] values) {
    int runs = 1;
    for (int i = 1; i < values.length; i++) {
      runs += values[i] == values[i - 1] ? 0 : 1;
    }
    return runs;
  }

  private static int[] readRuns(ByteReader in, int size, int places) {
    int[] values = new int[size];
    for (int i = 0; i < size; ) {
      long value = in.readSigned();
      if (value < 0 || value >= places) {
        throw new CorruptDataException("place " + value + " among " + places + " metadata");
      }
      int end = endOfRun(in, i, size);
      Arrays.fill(values, i, end, (int) value);
      i = end;
    }
    return values;
  }

  private static boolean isOne(ByteReader in, String name) {
    int value = in.readByte();
    if (value > 1) {
      throw new CorruptDataException("unknown " + name + ": " + value);
    }
    return value == 1;
  }

  private static int endOfRun(ByteReader in, int start, int size) {
    long length = in.readVarint();
    if (length < 1 || length > size - start) {
      throw new CorruptDataException("a run of " + length + " at " + start + " of " + size);
    }
    return start + (int) length;
  }
}
