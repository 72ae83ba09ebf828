package io.sonde.collector;

import io.sonde.series.DayChunks;
import io.sonde.series.Generation;
import io.sonde.store.ChunkRow;
import io.sonde.store.Flush;
import io.sonde.store.SeriesRow;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Turns what a flush took out of the head into rows; away from the collector's thread. */
final class FlushWriter {
  private FlushWriter() {}

  static Flush flush(
      int collector, Generation generation, UUID token, byte[] chainHash, long sequence) {
    List<ChunkRow> chunks = new ArrayList<>();
    generation
        .leaving()
        .forEach(
            (number, leaving) ->
                DayChunks.merge(leaving).forEach(chunk -> chunks.add(new ChunkRow(number, chunk))));
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
}
