package io.sonde.collector;

import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.Head;
import io.sonde.store.CollectorStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A look into chunk rows, for batches that cannot be decided from memory.
 *
 * @param batches what is parked until its end
 * @param series the series numbers of the doubtful samples
 * @param timestamps their timestamps
 * @param forgotten {@link Flushes#forgotten} when it began
 */
record Look(
    List<Collector.Add> batches, List<Integer> series, List<Long> timestamps, long forgotten) {

  /**
   * What a look found, by series number.
   *
   * @param latest the latest timestamp in chunk rows; no entry where there are none
   * @param chunks those that cover a doubtful timestamp
   */
  record Found(Map<Integer, Long> latest, Map<Integer, List<Columns>> chunks) {}

  /** A look for the samples of these batches that are doubtful now. */
  static Look forBatches(
      List<Collector.Add> batches, Admission admission, Head head, Flushes flushes) {
    List<Integer> series = new ArrayList<>();
    List<Long> timestamps = new ArrayList<>();
    for (Collector.Add add : batches) {
      Admission.Doubtful doubtful = admission.doubtful(add.batch(), head, flushes.kept());
      series.addAll(doubtful.series());
      timestamps.addAll(doubtful.timestamps());
    }
    return new Look(batches, series, timestamps, flushes.forgotten());
  }

  /** Asks the database, and decodes what it has. Blocks. */
  Found find(CollectorStore store, int collector) {
    CollectorStore.Covering stored =
        store.covering(collector, series.toArray(new Integer[0]), timestamps.toArray(new Long[0]));
    Map<Integer, List<Columns>> chunks = new HashMap<>();
    stored
        .payloads()
        .forEach(
            (number, payloads) ->
                chunks.put(number, payloads.stream().map(ChunkCodec::decode).toList()));
    return new Found(stored.latest(), chunks);
  }

  /**
   * Teaches the head up to when the series that were asked about have rows; of others nothing is
   * known.
   */
  void teach(Head head, Found found) {
    Set<Integer> asked = new HashSet<>(series);
    for (int number : asked) {
      head.entry(number).learnFlushedTo(found.latest().getOrDefault(number, Head.NOTHING));
    }
  }
}
