package io.sonde.collector;

import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.Head;
import io.sonde.store.CollectorStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A look into chunk rows, for batches that cannot be decided from memory.
 *
 * @param batches what is parked until its end
 * @param doubtful the samples that it is about
 * @param forgotten {@link Flushes#forgotten} when it began
 */
record Look(List<Collector.Add> batches, Doubtful doubtful, long forgotten) {

  /** A look for the samples of these batches that are doubtful now. */
  static Look forBatches(
      List<Collector.Add> batches, Admission admission, Head head, Flushes flushes) {
    Doubtful doubtful = new Doubtful();
    Past past = new Past(head, flushes.kept(), Map.of());
    batches.forEach(add -> doubtful.addAll(admission.open(add.batch(), head).doubtful(past)));
    return new Look(batches, doubtful, flushes.forgotten());
  }

  /**
   * Asks the database, and decodes what it has. Blocks.
   *
   * @return by series number: the chunk rows that cover a doubtful timestamp
   */
  Map<Integer, List<Columns>> find(CollectorStore store, int collector) {
    Map<Integer, List<Columns>> chunks = new HashMap<>();
    store
        .covering(
            collector,
            doubtful.series().toArray(new Integer[0]),
            doubtful.timestamps().toArray(new Long[0]))
        .forEach(
            (number, payloads) ->
                chunks.put(number, payloads.stream().map(ChunkCodec::decode).toList()));
    return chunks;
  }
}
