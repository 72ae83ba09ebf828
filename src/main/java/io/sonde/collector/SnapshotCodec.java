package io.sonde.collector;

import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.Checksum;
import io.sonde.series.ChunkCodec;
import io.sonde.series.CorruptDataException;
import io.sonde.series.FormatVersion;
import io.sonde.series.Generation;
import io.sonde.series.Head;
import io.sonde.series.SeriesDay;
import io.sonde.series.ZeroRuns;

/** What a collector needs to go on after a flush, as bytes. Layout: docs/formats.md. */
final class SnapshotCodec {
  private static final int VERSION = 1;

  /** A larger number is damage, and no reason to fill the memory. */
  private static final int MOST_SERIES = 1 << 24;

  private SnapshotCodec() {}

  static byte[] encode(int collector, byte[] chainHash, long sequence, Generation generation) {
    ByteWriter out = new ByteWriter(256 + generation.kept().size() * 64);
    out.writeByte(VERSION)
        .writeVarint(collector)
        .writeVarint(sequence)
        .writeVarint(generation.number())
        .writeRaw(chainHash)
        .writeVarint(generation.flushedTo().length);
    int seriesCount = generation.flushedTo().length;
    long[] steps = new long[seriesCount];
    long before = 0;
    for (int i = 0; i < seriesCount; before = generation.flushedTo()[i++]) {
      steps[i] = generation.flushedTo()[i] - before;
    }
    ZeroRuns.write(steps, seriesCount, out);
    for (int i = 0; i < seriesCount; i++) {
      steps[i] = generation.rows()[i];
    }
    ZeroRuns.write(steps, seriesCount, out);
    out.writeVarint(generation.worn().size());
    for (SeriesDay day : generation.worn()) {
      out.writeVarint(day.number()).writeSigned(day.day());
    }
    out.writeVarint(generation.kept().size());
    for (Generation.Kept kept : generation.kept()) {
      out.writeVarint(kept.number())
          .writeBytes(ChunkCodec.payload(kept.columns(), 0, kept.columns().size()));
    }
    return Checksum.append(out);
  }

  static Ledger decode(byte[] bytes) {
    ByteReader in = Checksum.check(bytes, "a collector snapshot");
    int appended = FormatVersion.read(in, VERSION, "collector snapshot");
    int collector = in.readNumber();
    long sequence = in.readVarint();
    long generation = in.readVarint();
    byte[] chainHash = in.readRaw(EventBlock.NO_PREDECESSOR.length);
    Ledger ledger = new Ledger(collector, chainHash, sequence, generation);
    restoreSeries(in, ledger.head());
    int seriesCount = ledger.head().nextNumber();
    for (int left = in.readCount(); left > 0; left--) {
      ledger.head().restoreWorn(new SeriesDay(number(in, seriesCount), in.readSigned()));
    }
    for (int left = in.readCount(); left > 0; left--) {
      int number = number(in, seriesCount);
      ledger.head().restore(number, ChunkCodec.decode(in.readBytes()));
    }
    FormatVersion.end(in, appended, "a snapshot");
    return ledger;
  }

  private static void restoreSeries(ByteReader in, Head head) {
    int count = in.readNumber();
    if (count > MOST_SERIES) {
      throw new CorruptDataException("a collector of " + count + " series");
    }
    long[] steps = new long[count];
    ZeroRuns.read(in, steps, 0, count);
    long[] rows = new long[count];
    ZeroRuns.read(in, rows, 0, count);
    long flushedTo = 0;
    for (int i = 0; i < count; i++) {
      flushedTo += steps[i];
      head.restore(flushedTo, (int) rows[i]);
    }
  }

  private static int number(ByteReader in, int seriesCount) {
    int number = in.readNumber();
    if (number >= seriesCount) {
      throw new CorruptDataException("series " + number + " of " + seriesCount);
    }
    return number;
  }
}
