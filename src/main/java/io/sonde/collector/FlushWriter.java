package io.sonde.collector;

import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.Generation;
import io.sonde.store.ChunkRow;
import io.sonde.store.Flush;
import io.sonde.store.SeriesRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Turns what a flush took out of the head into rows; away from the collector's thread. */
final class FlushWriter {
  private static final long DAY_MICROS = 86_400_000_000L;
  private static final long LAST_DAY = Math.floorDiv(Long.MAX_VALUE, DAY_MICROS);
  private static final int MAX_SAMPLES = ChunkCodec.MAX_SAMPLES / 4;

  private FlushWriter() {}

  static Flush flush(
      int collector, Generation generation, UUID token, byte[] chainHash, long sequence) {
    List<ChunkRow> chunks = new ArrayList<>();
    for (Map.Entry<Integer, Columns> leaving : generation.leaving().entrySet()) {
      addDays(leaving.getKey(), leaving.getValue(), chunks);
    }
    return new Flush(
        collector,
        generation.number(),
        token,
        sequence,
        chunks,
        generation.born().stream()
            .map(born -> new SeriesRow(born.number(), born.series()))
            .toList(),
        List.copyOf(generation.metadata().values()),
        new Flush.Snapshot(
            Collector.persistenceId(collector),
            CollectorSerializer.IDENTIFIER,
            CollectorSerializer.SNAPSHOT,
            SnapshotCodec.encode(collector, chainHash, sequence, generation)));
  }

  /** A chunk for each calendar day (UTC) that the samples fall on; several for a giant one. */
  private static void addDays(int series, Columns columns, List<ChunkRow> chunks) {
    for (int from = 0; from < columns.size(); ) {
      long day = Math.floorDiv(columns.timestamp(from), DAY_MICROS);
      int to = day == LAST_DAY ? columns.size() : columns.firstFrom((day + 1) * DAY_MICROS);
      if (to - from > MAX_SAMPLES) {
        // Not between samples of one moment: rows are told apart by their times.
        long end = columns.timestamp(from + MAX_SAMPLES);
        int cut = columns.firstFrom(end);
        to = cut > from ? cut : Math.min(to, columns.firstFrom(end + 1));
      }
      chunks.add(new ChunkRow(series, ChunkCodec.encode(columns, from, to)));
      from = to;
    }
  }
}
