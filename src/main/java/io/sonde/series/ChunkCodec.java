package io.sonde.series;

import io.sonde.model.Metadata;
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

  private static final int FORM = 0x0f;
  private static final int DOUBLES = 0x0f;
  private static final int KEYS = 0x10;
  private static final int RECORDED_FROM_TIMESTAMP = 0x20;
  private static final int KNOWN = 0x3f;

  private static final long MICROS = 1_000_000;

  private static final UUID[] NO_METADATA = {Metadata.EMPTY.id()};

  private ChunkCodec() {}

  /** All of the columns. */
  public static Chunk encode(Columns columns) {
    return encode(columns, 0, columns.size);
  }

  /** The samples from place {@code from} to before place {@code to}; at least one. */
  public static Chunk encode(Columns columns, int from, int to) {
    require(from, to);
    long[] numbers = new long[to - from];
    int digits = Decimals.scale(columns.volumes, from, to, numbers);
    return new Chunk(
        columns.timestamps[from],
        columns.timestamps[to - 1],
        to - from,
        lastRecorded(columns, from, to),
        ChunkDirectory.encode(columns, from, to, digits, numbers),
        payload(columns, from, to, digits, numbers));
  }

  static long lastRecorded(Columns columns, int from, int to) {
    long last = 0;
    for (int i = from; i < to; i++) {
      last = Math.max(last, columns.recorded(i));
    }
    return last;
  }

  /** As {@link #encode(Columns, int, int)}, without the directory. */
  public static byte[] payload(Columns columns, int from, int to) {
    require(from, to);
    long[] numbers = new long[to - from];
    int digits = Decimals.scale(columns.volumes, from, to, numbers);
    return payload(columns, from, to, digits, numbers);
  }

  private static void require(int from, int to) {
    if (from >= to) {
      throw new IllegalArgumentException("a chunk holds at least one sample");
    }
    if (to - from > MAX_SAMPLES) {
      throw new IllegalArgumentException("a chunk holds at most " + MAX_SAMPLES + " samples");
    }
  }

  private static byte[] payload(Columns columns, int from, int to, int digits, long[] numbers) {
    int size = to - from;
    boolean hasKeys = hasKeys(columns, from, to);
    boolean isFromTimestamp = isNearTimestamps(columns, from, to);
    ByteWriter out = new ByteWriter(64 + size * 4);
    out.writeByte(VERSION)
        .writeByte(
            (digits < 0 ? DOUBLES : digits)
                | (hasKeys ? KEYS : 0)
                | (isFromTimestamp ? RECORDED_FROM_TIMESTAMP : 0))
        .writeVarint(size);
    IntegerColumn.writeTimes(columns.timestamps, from, to, out);
    if (digits < 0) {
      for (int i = 0; i < size; i++) {
        numbers[i] = Decimals.ordered(Double.doubleToRawLongBits(columns.volumes[from + i]));
      }
    }
    IntegerColumn.write(numbers, 0, size, out);
    for (int i = from; hasKeys && i < to; i++) {
      out.writeLong(columns.keys[i]);
    }
    writeMetadata(columns, from, to, out);
    for (int i = 0; i < size; i++) {
      numbers[i] = isFromTimestamp ? delay(columns, from + i) : columns.recorded(from + i);
    }
    IntegerColumn.write(numbers, 0, size, out);
    return Checksum.append(out);
  }

  /**
   * What {@link #encode(Columns)} was given.
   *
   * @throws CorruptDataException when the bytes are not what it returned
   */
  public static Columns decode(byte[] payload) {
    ByteReader in = Checksum.check(payload, "a chunk");
    int version = in.readByte();
    if (version > VERSION) {
      throw new NewerFormatException("chunk", version);
    }
    if (version != VERSION) {
      throw new CorruptDataException("chunk of unknown version " + version);
    }
    int header = in.readByte();
    int form = header & FORM;
    if ((header | KNOWN) != KNOWN || (form != DOUBLES && form > Decimals.MAX_DIGITS)) {
      throw new CorruptDataException("unknown form of a chunk " + header);
    }
    long announced = in.readVarint();
    if (announced < 1 || announced > MAX_SAMPLES) {
      throw new CorruptDataException("a chunk of " + announced + " samples");
    }
    int size = (int) announced;
    long[] timestamps = new long[size];
    IntegerColumn.read(in, timestamps, size);
    long[] numbers = new long[size];
    double[] volumes = readVolumes(in, form, numbers);
    long[] keys = (header & KEYS) == 0 ? null : readKeys(in, size);
    UUID[] metadata = readMetadata(in);
    int[] metadataRef = metadata.length == 1 ? null : readRuns(in, size, metadata.length);
    int[] recorded = new int[size];
    IntegerColumn.read(in, numbers, size);
    if ((header & RECORDED_FROM_TIMESTAMP) == 0) {
      for (int i = 0; i < size; i++) {
        recorded[i] = (int) numbers[i];
      }
    } else {
      for (int i = 0; i < size; i++) {
        recorded[i] = (int) (numbers[i] + Math.floorDiv(timestamps[i], MICROS));
      }
    }
    if (in.remaining() > 0) {
      throw new CorruptDataException(in.remaining() + " bytes after the end of a chunk");
    }
    return new Columns(size, timestamps, volumes, keys, metadata, metadataRef, recorded);
  }

  private static double[] readVolumes(ByteReader in, int form, long[] numbers) {
    IntegerColumn.read(in, numbers, numbers.length);
    double[] volumes = new double[numbers.length];
    if (form == DOUBLES) {
      for (int i = 0; i < volumes.length; i++) {
        volumes[i] = Double.longBitsToDouble(Decimals.ordered(numbers[i]));
      }
    } else {
      Decimals.volumes(numbers, form, volumes);
    }
    return volumes;
  }

  private static boolean hasKeys(Columns columns, int from, int to) {
    for (int i = from; columns.keys != null && i < to; i++) {
      if (columns.keys[i] != SampleKey.NONE) {
        return true;
      }
    }
    return false;
  }

  private static long[] readKeys(ByteReader in, int size) {
    if (in.remaining() / Long.BYTES < size) {
      throw new CorruptDataException(size + " keys in " + in.remaining() + " bytes");
    }
    long[] keys = new long[size];
    for (int i = 0; i < size; i++) {
      keys[i] = in.readLong();
    }
    return keys;
  }

  /**
   * Only the ids that these samples refer to, in order of first use, then runs of places among them
   * where there are several. Empty metadata by itself has no id.
   */
  private static void writeMetadata(Columns columns, int from, int to, ByteWriter out) {
    int[] refs = columns.metadataRef;
    int[] places = new int[columns.metadata.length];
    UUID[] ids = new UUID[columns.metadata.length];
    int used = 0;
    for (int i = from; i < (refs == null ? from + 1 : to); i++) {
      int ref = refs == null ? 0 : refs[i];
      if (places[ref] == 0) {
        ids[used++] = columns.metadata[ref];
        places[ref] = used;
      }
    }
    if (used == 1 && ids[0].equals(NO_METADATA[0])) {
      out.writeVarint(0);
      return;
    }
    out.writeVarint(used);
    for (int i = 0; i < used; i++) {
      out.writeUuid(ids[i]);
    }
    for (int i = from; used > 1 && i < to; ) {
      int end = i + 1;
      while (end < to && refs[end] == refs[i]) {
        end++;
      }
      out.writeVarint(places[refs[i]] - 1L).writeVarint((long) end - i);
      i = end;
    }
  }

  private static UUID[] readMetadata(ByteReader in) {
    UUID[] metadata = new UUID[in.readCount()];
    for (int i = 0; i < metadata.length; i++) {
      metadata[i] = in.readUuid();
    }
    return metadata.length == 0 ? NO_METADATA : metadata;
  }

  private static int[] readRuns(ByteReader in, int size, int places) {
    int[] values = new int[size];
    for (int i = 0; i < size; ) {
      int value = in.readNumber();
      if (value >= places) {
        throw new CorruptDataException("place " + value + " among " + places + " metadata");
      }
      long length = in.readVarint();
      if (length < 1 || length > size - i) {
        throw new CorruptDataException("a run of " + length + " at " + i + " of " + size);
      }
      Arrays.fill(values, i, i + (int) length, value);
      i += (int) length;
    }
    return values;
  }

  /**
   * What comes by itself is recorded soon after its time, what is imported at one time; the form
   * that changes less often is written.
   */
  private static boolean isNearTimestamps(Columns columns, int from, int to) {
    int changes = 0;
    long last = delay(columns, from);
    for (int i = from + 1; i < to; i++) {
      long next = delay(columns, i);
      changes += next == last ? 0 : 1;
      changes -= columns.recorded[i] == columns.recorded[i - 1] ? 0 : 1;
      last = next;
    }
    return changes < 0;
  }

  private static long delay(Columns columns, int i) {
    return columns.recorded(i) - Math.floorDiv(columns.timestamps[i], MICROS);
  }
}
