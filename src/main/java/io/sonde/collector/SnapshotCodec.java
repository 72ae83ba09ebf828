package io.sonde.collector;

import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.Checksum;
import io.sonde.series.ChunkCodec;
import io.sonde.series.CorruptDataException;
import io.sonde.series.Generation;
import java.util.Map;

/** What a collector needs to go on after a flush, as bytes. Layout: docs/formats.md. */
final class SnapshotCodec {
  private static final int VERSION = 1;

  private SnapshotCodec() {}

  static byte[] encode(int collector, byte[] chainHash, long sequence, Generation generation) {
    ByteWriter out = new ByteWriter(256 + generation.kept().size() * 128);
    out.writeByte(VERSION)
        .writeVarint(collector)
        .writeVarint(sequence)
        .writeVarint(generation.number())
        .writeRaw(chainHash)
        .writeVarint(generation.seriesCount())
        .writeVarint(generation.kept().size());
    for (Map.Entry<Integer, Generation.Kept> kept : generation.kept().entrySet()) {
      out.writeVarint(kept.getKey())
          .writeLong(kept.getValue().flushedTo())
          .writeBytes(ChunkCodec.encode(kept.getValue().columns()).payload());
    }
    return Checksum.append(out);
  }

  static Ledger decode(byte[] bytes) {
    ByteReader in = Checksum.check(bytes, "a collector snapshot");
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptDataException("collector snapshot of unknown version " + version);
    }
    int collector = in.readNumber();
    long sequence = in.readVarint();
    long generation = in.readVarint();
    byte[] chainHash = in.readRaw(EventBlock.NO_PREDECESSOR.length);
    Ledger ledger = new Ledger(collector, chainHash, sequence, generation);
    int seriesCount = in.readNumber();
    ledger.head().restore(seriesCount);
    for (int left = in.readCount(); left > 0; left--) {
      int number = in.readNumber();
      if (number >= seriesCount) {
        throw new CorruptDataException("series " + number + " of " + seriesCount);
      }
      long flushedTo = in.readLong();
      ledger.head().restore(number, flushedTo, ChunkCodec.decode(in.readBytes()));
    }
    if (in.remaining() > 0) {
      throw new CorruptDataException(in.remaining() + " bytes after the end of a snapshot");
    }
    return ledger;
  }
}
