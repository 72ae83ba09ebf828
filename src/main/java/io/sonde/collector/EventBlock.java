package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.Checksum;
import io.sonde.series.CorruptDataException;
import io.sonde.series.FormatVersion;
import io.sonde.series.ZeroRuns;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * One event of a collector's journal: the samples of a commit as columns, the series and metadata
 * that appear in them for the first time, and the sinks that they came through. It carries the
 * second of its recording and the hash of the event before it, so that the journal is a chain.
 * Layout of the bytes: docs/formats.md.
 */
final class EventBlock {
  /** The bytes that a first event names as the hash of its predecessor. */
  static final byte[] NO_PREDECESSOR = new byte[32];

  private static final int VERSION = 1;
  private static final int IN_SEGMENT = 2;
  private static final int VERSION_BITS = 0x0f;

  /**
   * What an event stands in that was written behind damage: its samples are not read before this is
   * mended, and are handed in again then. Series numbers are its group's own.
   *
   * @param after number of the last event that holds
   * @param why what was damaged, for people
   */
  record Segment(long after, String why) {}

  private static final byte CHAIN_DOMAIN = 0x01;

  /** Decimal places up to which a volume is written as a whole number and its scale. */
  private static final int MAX_SCALE = 9;

  /** Stands for the scale of a volume that is written as it is. */
  private static final int UNSCALED = 15;

  private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

  private final int collector;
  private final long sequence;
  private final long recordedAt;
  private final byte[] previousHash;
  private final Segment segment;
  private final int firstNewNumber;
  private final List<Series> newSeries;
  private final List<UUID> metadataIds;
  private final List<Metadata> metadataBodies;
  private final List<String> sinks;
  private final int size;
  private final int[] sinkRef;
  private final int[] number;
  private final long[] timestamps;
  private final double[] volumes;
  private final long[] keys;
  private final int[] metadataRef;

  private EventBlock(
      int collector,
      long sequence,
      long recordedAt,
      byte[] previousHash,
      Segment segment,
      int firstNewNumber,
      List<Series> newSeries,
      List<UUID> metadataIds,
      List<Metadata> metadataBodies,
      List<String> sinks,
      Builder columns) {
    this.collector = collector;
    this.sequence = sequence;
    this.recordedAt = recordedAt;
    this.previousHash = previousHash;
    this.segment = segment;
    this.firstNewNumber = firstNewNumber;
    this.newSeries = newSeries;
    this.metadataIds = metadataIds;
    this.metadataBodies = metadataBodies;
    this.sinks = sinks;
    this.size = columns.size;
    this.sinkRef = columns.sinkRef;
    this.number = columns.number;
    this.timestamps = columns.timestamps;
    this.volumes = columns.volumes;
    this.keys = columns.keys;
    this.metadataRef = columns.metadataRef;
  }

  int collector() {
    return collector;
  }

  /** The event's sequence number in the journal. */
  long sequence() {
    return sequence;
  }

  /** Seconds since 1970. */
  long recordedAt() {
    return recordedAt;
  }

  byte[] previousHash() {
    return previousHash;
  }

  /** The segment behind damage that the event stands in; null of others. */
  Segment segment() {
    return segment;
  }

  /** The number of the first new series; the others follow. */
  int firstNewNumber() {
    return firstNewNumber;
  }

  List<Series> newSeries() {
    return newSeries;
  }

  /** Metadata whose text stands in this event. */
  List<Metadata> newMetadata() {
    return metadataBodies.stream().filter(body -> body != null).toList();
  }

  int size() {
    return size;
  }

  /** The notes of the ways that its samples came. */
  List<String> sinks() {
    return sinks;
  }

  /** The place in {@link #sinks} of the way that sample i came. */
  int sinkRef(int i) {
    return sinkRef[i];
  }

  /** The number of sample i's series. */
  int number(int i) {
    return number[i];
  }

  long timestamp(int i) {
    return timestamps[i];
  }

  double volume(int i) {
    return volumes[i];
  }

  long key(int i) {
    return keys[i];
  }

  UUID metadata(int i) {
    return metadataIds.get(metadataRef[i]);
  }

  /** The ids of all metadata that samples refer to. */
  List<UUID> metadataIds() {
    return metadataIds;
  }

  /** The place of sample i's metadata among the ids. */
  int metadataRef(int i) {
    return metadataRef[i];
  }

  /**
   * The hash that the next event names: SHA-256 over a domain byte and all the bytes of this event.
   */
  static byte[] hash(byte[] event) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(CHAIN_DOMAIN);
      return digest.digest(event);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  byte[] encode() {
    ByteWriter out = new ByteWriter(256 + size * 20 + newSeries.size() * 128);
    out.writeByte(segment == null ? VERSION : IN_SEGMENT);
    out.writeVarint(collector).writeVarint(sequence).writeVarint(recordedAt);
    out.writeRaw(previousHash);
    if (segment != null) {
      out.writeVarint(segment.after()).writeString(segment.why());
    }
    out.writeVarint(firstNewNumber).writeVarint(newSeries.size());
    newSeries.forEach(series -> BatchCodec.writeSeries(series, out));
    out.writeVarint(metadataIds.size());
    for (int i = 0; i < metadataIds.size(); i++) {
      Metadata body = metadataBodies.get(i);
      out.writeUuid(metadataIds.get(i)).writeString(body == null ? null : body.json());
    }
    out.writeVarint(sinks.size());
    sinks.forEach(out::writeString);
    out.writeVarint(size);
    writeRuns(sinkRef, out);
    // One poll of many series is the usual: their numbers follow one another, at one time.
    long[] steps = new long[size];
    for (int i = 0, due = 0; i < size; due = number[i++] + 1) {
      steps[i] = (long) number[i] - due;
    }
    ZeroRuns.write(steps, size, out);
    long previousTime = 0;
    for (int i = 0; i < size; previousTime = timestamps[i++]) {
      steps[i] = timestamps[i] - previousTime;
    }
    ZeroRuns.write(steps, size, out);
    for (int i = 0; i < size; i++) {
      writeVolume(volumes[i], out);
    }
    writeRuns(metadataRef, out);
    boolean anyKey = Arrays.stream(keys, 0, size).anyMatch(key -> key != 0);
    out.writeByte(anyKey ? 1 : 0);
    for (int i = 0; anyKey && i < size; i++) {
      out.writeLong(keys[i]);
    }
    return Checksum.append(out);
  }

  /** Whether these bytes are those of an event in a segment. */
  static boolean isInSegment(byte[] bytes) {
    return version(bytes) == IN_SEGMENT;
  }

  /** The version by which these bytes are to be read. */
  static int version(byte[] bytes) {
    return (bytes[0] & VERSION_BITS) == IN_SEGMENT ? IN_SEGMENT : VERSION;
  }

  static EventBlock decode(byte[] bytes) {
    ByteReader in = Checksum.check(bytes, "an event");
    boolean isInSegment = isInSegment(bytes);
    int appended = FormatVersion.read(in, version(bytes), "event");
    int collector = in.readNumber();
    long sequence = in.readVarint();
    long recordedAt = in.readVarint();
    byte[] previousHash = in.readRaw(NO_PREDECESSOR.length);
    Segment segment = isInSegment ? new Segment(in.readVarint(), in.readText()) : null;
    int firstNewNumber = in.readNumber();
    List<Series> newSeries = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      newSeries.add(BatchCodec.readSeries(in));
    }
    List<UUID> metadataIds = new ArrayList<>();
    List<Metadata> metadataBodies = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      metadataIds.add(in.readUuid());
      String body = in.readString();
      metadataBodies.add(body == null ? null : Metadata.ofCanonicalJson(body));
    }
    List<String> sinks = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      sinks.add(in.readText());
    }
    Builder columns = new Builder();
    columns.size = in.readCount();
    columns.sinkRef = readRuns(in, columns.size, sinks.size());
    long[] steps = new long[columns.size];
    ZeroRuns.read(in, steps, 0, columns.size);
    columns.number = new int[columns.size];
    long due = 0;
    for (int i = 0; i < columns.size; i++) {
      columns.number[i] = number(due + steps[i]);
      due = columns.number[i] + 1L;
    }
    ZeroRuns.read(in, steps, 0, columns.size);
    columns.timestamps = new long[columns.size];
    long previousTime = 0;
    for (int i = 0; i < columns.size; i++) {
      columns.timestamps[i] = previousTime += steps[i];
    }
    columns.volumes = new double[columns.size];
    for (int i = 0; i < columns.size; i++) {
      columns.volumes[i] = readVolume(in);
    }
    columns.metadataRef = readRuns(in, columns.size, metadataIds.size());
    columns.keys = new long[columns.size];
    boolean anyKey = in.readByte() == 1;
    for (int i = 0; anyKey && i < columns.size; i++) {
      columns.keys[i] = in.readLong();
    }
    FormatVersion.end(in, appended, "an event");
    return new EventBlock(
        collector,
        sequence,
        recordedAt,
        previousHash,
        segment,
        firstNewNumber,
        newSeries,
        metadataIds,
        metadataBodies,
        sinks,
        columns);
  }

  /**
   * A whole number that is not negative: a varint of twice itself. Any other: an odd varint, whose
   * bits above the lowest are four for the scale k and then the zigzag of a whole number m, for m /
   * 10^k; scale 15 says that eight bytes with the volume follow.
   */
  private static void writeVolume(double volume, ByteWriter out) {
    long whole = (long) volume;
    if (isExactly(whole, volume) && whole >= 0) {
      out.writeVarint(whole << 1);
      return;
    }
    for (int scale = 0; scale <= MAX_SCALE; scale++) {
      double shifted = volume * POWERS[scale];
      long scaled = Math.round(shifted);
      if (Math.abs(shifted) < 1L << 52 && isExactly(scaled, scale, volume)) {
        out.writeVarint((((((scaled << 1) ^ (scaled >> 63)) << 4) | scale) << 1) | 1);
        return;
      }
    }
    out.writeVarint((UNSCALED << 1) | 1).writeDouble(volume);
  }

  private static boolean isExactly(long whole, double volume) {
    return Math.abs(whole) < 1L << 52
        && Double.doubleToRawLongBits((double) whole) == Double.doubleToRawLongBits(volume);
  }

  private static boolean isExactly(long scaled, int scale, double volume) {
    return Double.doubleToRawLongBits(scaled / POWERS[scale]) == Double.doubleToRawLongBits(volume);
  }

  private static double readVolume(ByteReader in) {
    long tagged = in.readVarint();
    if ((tagged & 1) == 0) {
      return tagged >>> 1;
    }
    int scale = (int) (tagged >>> 1) & 15;
    if (scale == UNSCALED) {
      return in.readDouble();
    }
    if (scale > MAX_SCALE) {
      throw new CorruptDataException("a volume of scale " + scale);
    }
    long zigzag = tagged >>> 5;
    return ((zigzag >>> 1) ^ -(zigzag & 1)) / POWERS[scale];
  }

  private void writeRuns(int[] values, ByteWriter out) {
    for (int i = 0; i < size; ) {
      int end = i + 1;
      while (end < size && values[end] == values[i]) {
        end++;
      }
      out.writeVarint(values[i]).writeVarint((long) end - i);
      i = end;
    }
  }

  private static int number(long value) {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new CorruptDataException("series number " + value);
    }
    return (int) value;
  }

  private static int[] readRuns(ByteReader in, int size, int places) {
    int[] values = new int[size];
    for (int i = 0; i < size; ) {
      int value = in.readNumber();
      if (value >= places) {
        throw new CorruptDataException("place " + value + " among " + places);
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

  /** Gathers admitted samples until they are written as one event. */
  static final class Builder {
    private static final int FIRST_CAPACITY = 512;

    private final List<Series> newSeries = new ArrayList<>();
    private int firstNewNumber;
    private final Map<Metadata, Integer> metadataRefs = new LinkedHashMap<>();
    private final Map<String, Integer> sinkRefs = new LinkedHashMap<>();
    // Neighbours usually have the same metadata and sink.
    private Metadata lastMetadata;
    private int lastMetadataRef;
    private String lastSink;
    private int lastSinkRef;
    private int size;
    private int bytes;
    private int[] sinkRef = new int[FIRST_CAPACITY];
    private int[] number = new int[FIRST_CAPACITY];
    private long[] timestamps = new long[FIRST_CAPACITY];
    private double[] volumes = new double[FIRST_CAPACITY];
    private long[] keys = new long[FIRST_CAPACITY];
    private int[] metadataRef = new int[FIRST_CAPACITY];

    int size() {
      return size;
    }

    /** An upper estimate of the event's size in bytes. */
    int bytes() {
      return bytes;
    }

    double volume(int i) {
      return volumes[i];
    }

    /** Whether sample i is this one. */
    boolean is(int i, int number, long timestamp, long key) {
      return this.number[i] == number && timestamps[i] == timestamp && keys[i] == key;
    }

    /** See {@link Gathered#hash}. */
    int hash(int i) {
      return Gathered.hash(number[i], timestamps[i], keys[i]);
    }

    /** The place of this metadata in the event, or -1 when it has none yet. */
    int ref(Metadata metadata) {
      if (!metadata.equals(lastMetadata)) {
        Integer place = metadataRefs.get(metadata);
        if (place == null) {
          return -1;
        }
        lastMetadata = metadata;
        lastMetadataRef = place;
      }
      return lastMetadataRef;
    }

    /** Gives this metadata a place in the event. */
    int enter(Metadata metadata) {
      int place = metadataRefs.size();
      metadataRefs.put(metadata, place);
      bytes += EncodedBytes.atMost(metadata);
      return place;
    }

    /** The place of this sink in the event. */
    int ref(String sink) {
      if (!sink.equals(lastSink)) {
        Integer place = sinkRefs.putIfAbsent(sink, sinkRefs.size());
        if (place == null) {
          place = sinkRefs.size() - 1;
          bytes += EncodedBytes.atMost(sink);
        }
        lastSink = sink;
        lastSinkRef = place;
      }
      return lastSinkRef;
    }

    /** A series that appears for the first time; numbers follow one another. */
    void define(int newNumber, Series series) {
      if (newSeries.isEmpty()) {
        firstNewNumber = newNumber;
      }
      newSeries.add(series);
      bytes += EncodedBytes.atMost(series);
    }

    /** Adds a sample; sink and metadata by their places. */
    void add(int sink, int number, long timestamp, double volume, long key, int metadata) {
      if (size == timestamps.length) {
        grow();
      }
      sinkRef[size] = sink;
      this.number[size] = number;
      timestamps[size] = timestamp;
      volumes[size] = volume;
      keys[size] = key;
      metadataRef[size] = metadata;
      size++;
      bytes += EncodedBytes.SAMPLE;
    }

    /**
     * The event.
     *
     * @param isKnown whether the text of this metadata was journaled before, so that its id is
     *     enough
     */
    EventBlock build(
        int collector,
        long sequence,
        long recordedAt,
        byte[] previousHash,
        Predicate<UUID> isKnown) {
      return build(collector, sequence, recordedAt, previousHash, null, isKnown);
    }

    /** The event as one of a segment, or of none where that is null. */
    EventBlock build(
        int collector,
        long sequence,
        long recordedAt,
        byte[] previousHash,
        Segment segment,
        Predicate<UUID> isKnown) {
      List<UUID> ids = new ArrayList<>(metadataRefs.size());
      List<Metadata> bodies = new ArrayList<>(metadataRefs.size());
      for (Metadata metadata : metadataRefs.keySet()) {
        ids.add(metadata.id());
        bodies.add(isKnown.test(metadata.id()) ? null : metadata);
      }
      return new EventBlock(
          collector,
          sequence,
          recordedAt,
          previousHash,
          segment,
          firstNewNumber,
          List.copyOf(newSeries),
          ids,
          bodies,
          List.copyOf(sinkRefs.keySet()),
          this);
    }

    private void grow() {
      int capacity = size * 2;
      sinkRef = Arrays.copyOf(sinkRef, capacity);
      number = Arrays.copyOf(number, capacity);
      timestamps = Arrays.copyOf(timestamps, capacity);
      volumes = Arrays.copyOf(volumes, capacity);
      keys = Arrays.copyOf(keys, capacity);
      metadataRef = Arrays.copyOf(metadataRef, capacity);
    }
  }
}
