package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A piece of a collector's answer, small enough for one message: records of series, of their
 * samples, of what these sum up to, and of metadata.
 */
public final class ReadPart {
  /**
   * A part is closed before it has this size. A record that is larger by itself is still smaller
   * than what a message may hold.
   */
  static final int PART_BYTES = 64 * 1024;

  private static final int NUMBER = 6;

  private static final int SERIES = 1;
  private static final int SAMPLES = 2;
  private static final int METADATA = 3;
  private static final int SUMMARY = 4;

  private ReadPart() {}

  /** Takes the records one by one. */
  public interface Visitor {
    /** The series of a number where the reader knows it already, else null. */
    Series known(int number);

    /** A series that no row may hold; its samples, if any are asked for, come in other calls. */
    void series(int number, Series series);

    /** Samples of a series: a chunk as {@link io.sonde.series.ChunkCodec} writes it. */
    void samples(int number, Series series, byte[] chunk);

    /**
     * What samples of a series sum up to by hours, as {@link io.sonde.series.ChunkDirectory} writes
     * it.
     */
    void summary(int number, Series series, byte[] directory);

    /** Metadata that no row may hold. */
    void metadata(Metadata metadata);
  }

  /** Gathers records into parts. */
  static final class Writer {
    private final List<byte[]> parts = new ArrayList<>();
    private ByteWriter open = new ByteWriter(1024);
    private Series last;
    private byte[] lastBytes;

    void series(int number, Series series) {
      start(SERIES, number, series, 0);
    }

    void samples(int number, Series series, byte[] chunk) {
      start(SAMPLES, number, series, chunk.length);
      open.writeBytes(chunk);
    }

    void summary(int number, Series series, byte[] directory) {
      start(SUMMARY, number, series, directory.length);
      open.writeBytes(directory);
    }

    void metadata(Metadata metadata) {
      makeRoom(EncodedBytes.atMost(metadata));
      open.writeByte(METADATA).writeString(metadata.json());
    }

    /** All parts; one, perhaps empty, at least. */
    List<byte[]> end() {
      parts.add(open.toByteArray());
      return parts;
    }

    /** The series has a length before it, so that a reader who knows it goes on behind it. */
    private void start(int kind, int number, Series series, int more) {
      if (!series.equals(last)) {
        ByteWriter text = new ByteWriter(128);
        BatchCodec.writeSeries(series, text);
        lastBytes = text.toByteArray();
        last = series;
      }
      makeRoom(3 * NUMBER + lastBytes.length + more);
      open.writeByte(kind).writeVarint(number);
      open.writeBytes(lastBytes);
    }

    private void makeRoom(int more) {
      if (open.size() > 0 && open.size() + more > PART_BYTES) {
        parts.add(open.toByteArray());
        open = new ByteWriter(PART_BYTES);
      }
    }
  }

  /** The parts of two answers as one, with one part less where that is small enough. */
  static List<byte[]> joined(List<byte[]> first, List<byte[]> second) {
    byte[] end = first.get(first.size() - 1);
    byte[] start = second.get(0);
    if (end.length + start.length > PART_BYTES) {
      return Stream.concat(first.stream(), second.stream()).toList();
    }
    byte[] between = Arrays.copyOf(end, end.length + start.length);
    System.arraycopy(start, 0, between, end.length, start.length);
    List<byte[]> all = new ArrayList<>(first.subList(0, first.size() - 1));
    all.add(between);
    all.addAll(second.subList(1, second.size()));
    return all;
  }

  /** Hands the records of a part to a visitor. */
  public static void read(byte[] part, Visitor visitor) {
    ByteReader in = new ByteReader(part);
    while (in.remaining() > 0) {
      int kind = in.readByte();
      if (kind == METADATA) {
        visitor.metadata(Metadata.ofCanonicalJson(in.readText()));
        continue;
      }
      int number = in.readNumber();
      Series series = series(number, in, visitor);
      switch (kind) {
        case SERIES -> visitor.series(number, series);
        case SAMPLES -> visitor.samples(number, series, in.readBytes());
        case SUMMARY -> visitor.summary(number, series, in.readBytes());
        default -> throw new CorruptDataException("record of unknown kind " + kind);
      }
    }
  }

  private static Series series(int number, ByteReader in, Visitor visitor) {
    Series known = visitor.known(number);
    if (known == null) {
      return BatchCodec.readSeries(new ByteReader(in.readBytes()));
    }
    in.skip(in.readCount());
    return known;
  }
}
