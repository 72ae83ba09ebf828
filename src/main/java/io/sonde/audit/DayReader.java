package io.sonde.audit;

import io.sonde.series.Chunk;
import io.sonde.series.Columns;
import io.sonde.series.DayChunks;
import io.sonde.series.SeriesDay;
import io.sonde.store.ChunkRow;
import io.sonde.store.ReplayStore.Cursor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The chunks of a collector by series and day, of its rows and of the blocks that are in its
 * snapshot only. In memory are those of a day, and of the snapshot.
 */
final class DayReader {
  static final Comparator<SeriesDay> ORDER =
      Comparator.comparingInt(SeriesDay::number).thenComparingLong(SeriesDay::day);

  /** What there is of one series and day. */
  record Day(SeriesDay day, List<Chunk> chunks) {}

  private final Cursor<ChunkRow> rows;
  private final TreeMap<SeriesDay, List<Chunk>> blocks = new TreeMap<>(ORDER);
  private ChunkRow next;

  /**
   * A reader.
   *
   * @param openBlocks by series number
   */
  DayReader(Cursor<ChunkRow> rows, Map<Integer, Columns> openBlocks) {
    this.rows = rows;
    openBlocks.forEach(
        (number, columns) -> {
          for (Chunk chunk : DayChunks.of(columns)) {
            blocks
                .computeIfAbsent(SeriesDay.of(number, chunk), day -> new ArrayList<>())
                .add(chunk);
          }
        });
    next = rows.next();
  }

  /** The next day that has anything; null after the last. */
  Day next() {
    SeriesDay ofRows = next == null ? null : dayOf(next);
    SeriesDay ofBlocks = blocks.isEmpty() ? null : blocks.firstKey();
    if (ofRows == null && ofBlocks == null) {
      return null;
    }
    SeriesDay day = ofRows;
    if (ofRows == null || (ofBlocks != null && ORDER.compare(ofBlocks, ofRows) < 0)) {
      day = ofBlocks;
    }
    List<Chunk> chunks = new ArrayList<>();
    while (next != null && dayOf(next).equals(day)) {
      chunks.add(next.chunk());
      next = rows.next();
    }
    List<Chunk> open = blocks.remove(day);
    if (open != null) {
      chunks.addAll(open);
    }
    return new Day(day, chunks);
  }

  /** By the end, as rows come in its order. */
  private static SeriesDay dayOf(ChunkRow row) {
    return new SeriesDay(row.series(), Math.floorDiv(row.chunk().to(), SeriesDay.MICROS));
  }
}
