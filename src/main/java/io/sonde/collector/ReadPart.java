package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a collector's answer, small enough for one message: records of series, of their
 * samples and of metadata.
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

  private ReadPart() {}

  /** Takes the records one by one. */
  public interface Visitor {
    /** A series that no row may hold; its samples, if any are asked for, come in other calls. */
    void series(int number, Series series);

    /** Samples of a series: a chunk as {@link io.sonde.series.ChunkCodec} writes it. */
    void samples(int number, Series series, byte[] chunk);

    /** Metadata that no row may hold. */
    void metadata(Metadata metadata);
  }

  /** Gathers records into parts. */
  static final class Writer {
    private final List<byte[]> parts = new ArrayList<>();
    private ByteWriter open = new ByteWriter(1024);

    void series(int number, Series series) {
      makeRoom(NUMBER + EncodedBytes.atMost(series));
      open.writeByte(SERIES).writeVarint(number);
      BatchCodec.writeSeries(series, open);
    }

    void samples(int number, Series series, byte[] chunk) {
      makeRoom(NUMBER + EncodedBytes.atMost(series) + NUMBER + chunk.length);
      open.writeByte(SAMPLES).writeVarint(number);
      BatchCodec.writeSeries(series, open);
      open.writeBytes(chunk);
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

    private void makeRoom(int more) {
      if (open.size() > 0 && open.size() + more > PART_BYTES) {
        parts.add(open.toByteArray());
        open = new ByteWriter(PART_BYTES);
      }
    }
  }

  /** Hands the records of a part to a visitor. */
  public static void read(byte[] part, Visitor visitor) {
    ByteReader in = new ByteReader(part);
    while (in.remaining() > 0) {
      int kind = in.readByte();
      if (kind == METADATA) {
        visitor.metadata(Metadata.ofCanonicalJson(in.readText()));
      } else if (kind == SERIES || kind == SAMPLES) {
        int number = in.readNumber();
        Series series = BatchCodec.readSeries(in);
        if (kind == SERIES) {
          visitor.series(number, series);
        } else {
          visitor.samples(number, series, in.readBytes());
        }
      } else {
        throw new CorruptDataException("record of unknown kind " + kind);
      }
    }
  }
}
