package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.Checksum;
import io.sonde.series.CorruptDataException;
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
  private static final byte CHAIN_DOMAIN = 0x01;

  private final int collector;
  private final long sequence;
  private final long recordedAt;
  private final byte[] previousHash;
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

  /** The sink that sample i came through. */
  String sink(int i) {
    return sinks.get(sinkRef[i]);
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
    out.writeByte(VERSION).writeVarint(collector).writeVarint(sequence).writeVarint(recordedAt);
    out.writeRaw(previousHash);
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
    for (int i = 0, previous = 0; i < size; previous = number[i++]) {
      out.writeSigned((long) number[i] - previous);
    }
    long previousTime = 0;
    for (int i = 0; i < size; previousTime = timestamps[i++]) {
      out.writeSigned(timestamps[i] - previousTime);
    }
    writeVolumes(out);
    writeRuns(metadataRef, out);
    boolean anyKey = Arrays.stream(keys, 0, size).anyMatch(key -> key != 0);
    out.writeByte(anyKey ? 1 : 0);
    for (int i = 0; anyKey && i < size; i++) {
      out.writeLong(keys[i]);
    }
    return Checksum.append(out);
  }

  static EventBlock decode(byte[] bytes) {
    ByteReader in = Checksum.check(bytes, "an event");
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptDataException("event of unknown version " + version);
    }
    int collector = in.readNumber();
    long sequence = in.readVarint();
    long recordedAt = in.readVarint();
    byte[] previousHash = in.readRaw(NO_PREDECESSOR.length);
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
    columns.number = new int[columns.size];
    for (int i = 0, previous = 0; i < columns.size; i++) {
      columns.number[i] = previous = number(previous + in.readSigned());
    }
    columns.timestamps = new long[columns.size];
    long previousTime = 0;
    for (int i = 0; i < columns.size; i++) {
      columns.timestamps[i] = previousTime += in.readSigned();
    }
    columns.volumes = readVolumes(in, columns.size);
    columns.metadataRef = readRuns(in, columns.size, metadataIds.size());
    columns.keys = new long[columns.size];
    boolean anyKey = in.readByte() == 1;
    for (int i = 0; anyKey && i < columns.size; i++) {
      columns.keys[i] = in.readLong();
    }
    if (in.remaining() > 0) {
      throw new CorruptDataException(in.remaining() + " bytes after the end of an event");
    }
    return new EventBlock(
        collector,
        sequence,
        recordedAt,
        previousHash,
        firstNewNumber,
        newSeries,
        metadataIds,
        metadataBodies,
        sinks,
        columns);
  }

  /**
   * An integer below 2^52 as an even varint of twice its zigzag; anything else as the byte 1 and
   * eight bytes.
   */
  private void writeVolumes(ByteWriter out) {
    for (int i = 0; i < size; i++) {
      double volume = volumes[i];
      long integer = (long) volume;
      if (Double.doubleToRawLongBits((double) integer) == Double.doubleToRawLongBits(volume)
          && Math.abs(integer) < 1L << 52) {
        out.writeVarint(((integer << 1) ^ (integer >> 63)) << 1);
      } else {
        out.writeByte(1).writeDouble(volume);
      }
    }
  }

  private static double[] readVolumes(ByteReader in, int size) {
    double[] volumes = new double[size];
    for (int i = 0; i < size; i++) {
      long tagged = in.readVarint();
      if ((tagged & 1) == 1) {
        volumes[i] = in.readDouble();
      } else {
        long zigzag = tagged >>> 1;
        volumes[i] = (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    return volumes;
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
    private final List<Series> newSeries = new ArrayList<>();
    private int firstNewNumber;
    private final Map<Metadata, Integer> metadataRefs = new LinkedHashMap<>();
    private final Map<String, Integer> sinkRefs = new LinkedHashMap<>();
    private int size;
    private int bytes;
    private int[] sinkRef = new int[64];
    private int[] number = new int[64];
    private long[] timestamps = new long[64];
    private double[] volumes = new double[64];
    private long[] keys = new long[64];
    private int[] metadataRef = new int[64];

    int size() {
      return size;
    }

    /** An upper estimate of the event's size in bytes. */
    int bytes() {
      return bytes;
    }

    /** Whether this metadata has its place in the event. */
    boolean holds(Metadata metadata) {
      return metadataRefs.containsKey(metadata);
    }

    /** A series that appears for the first time; numbers follow one another. */
    void define(int newNumber, Series series) {
      if (newSeries.isEmpty()) {
        firstNewNumber = newNumber;
      }
      newSeries.add(series);
      bytes += EncodedBytes.atMost(series);
    }

    void add(String sink, int number, long timestamp, double volume, long key, Metadata metadata) {
      if (size == timestamps.length) {
        grow();
      }
      Integer sinkPlace = sinkRefs.putIfAbsent(sink, sinkRefs.size());
      Integer metadataPlace = metadataRefs.putIfAbsent(metadata, metadataRefs.size());
      if (metadataPlace == null) {
        metadataPlace = metadataRefs.size() - 1;
        bytes += EncodedBytes.atMost(metadata);
      }
      if (sinkPlace == null) {
        bytes += EncodedBytes.atMost(sink);
      }
      sinkRef[size] = sinkPlace == null ? sinkRefs.size() - 1 : sinkPlace;
      this.number[size] = number;
      timestamps[size] = timestamp;
      volumes[size] = volume;
      keys[size] = key;
      this.metadataRef[size] = metadataPlace;
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
