package io.sonde.collector;

import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.Generation;
import io.sonde.series.Head;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Everything that is committed, for one batch that is compared with it. */
final class Past {
  private final Head head;
  private final List<Generation> flushed;
  private final Map<Integer, List<Columns>> covering;
  // A batch may ask for many samples of one chunk.
  private final IdentityHashMap<Chunk, Columns> opened = new IdentityHashMap<>();

  /**
   * The past.
   *
   * @param flushed generations whose rows a look may not have seen
   * @param covering by series number: the chunk rows that cover what a look was for
   */
  Past(Head head, List<Generation> flushed, Map<Integer, List<Columns>> covering) {
    this.head = head;
    this.flushed = flushed;
    this.covering = covering;
  }

  Head head() {
    return head;
  }

  /** The volume of a sample, or null when it is not in the past. */
  Double find(Head.Entry entry, long timestamp, long key) {
    Double known = inMemory(entry, timestamp, key);
    if (known == null && timestamp <= entry.flushedTo()) {
      for (Columns row : covering.getOrDefault(entry.number(), List.of())) {
        known = known == null ? find(row, timestamp, key) : known;
      }
    }
    return known;
  }

  /** The volume of a sample that need not be looked for in rows, or null when it is not there. */
  Double inMemory(Head.Entry entry, long timestamp, long key) {
    int at = entry.open().find(timestamp, key);
    if (at >= 0) {
      return entry.open().volume(at);
    }
    Double known = find(entry.sealed(), timestamp, key);
    if (known == null && timestamp <= entry.flushedTo()) {
      for (Generation generation : flushed) {
        List<Chunk> chunks = generation.leaving().get(entry.number());
        known = known != null || chunks == null ? known : find(chunks, timestamp, key);
      }
    }
    return known;
  }

  private Double find(List<Chunk> chunks, long timestamp, long key) {
    for (Chunk chunk : chunks) {
      if (chunk.from() <= timestamp && timestamp <= chunk.to()) {
        Columns columns = opened.computeIfAbsent(chunk, one -> ChunkCodec.decode(one.payload()));
        Double known = find(columns, timestamp, key);
        if (known != null) {
          return known;
        }
      }
    }
    return null;
  }

  private static Double find(Columns columns, long timestamp, long key) {
    int at = columns.find(timestamp, key);
    return at < 0 ? null : columns.volume(at);
  }
}
