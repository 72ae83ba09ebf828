package io.sonde.series;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Samples of a series as chunks, none of which goes over the end of a calendar day (UTC). */
public final class DayChunks {
  /** A busier day has several chunks, so that nobody must open all of it for an hour. */
  public static final int MAX_SAMPLES = 1 << 16;

  private static final long LAST_DAY = Math.floorDiv(Long.MAX_VALUE, SeriesDay.MICROS);

  private DayChunks() {}

  /** The chunks of these samples, oldest first. */
  public static List<Chunk> of(Columns columns) {
    List<Chunk> chunks = new ArrayList<>(1);
    for (int from = 0; from < columns.size(); ) {
      long day = Math.floorDiv(columns.timestamp(from), SeriesDay.MICROS);
      int to = day == LAST_DAY ? columns.size() : columns.firstFrom((day + 1) * SeriesDay.MICROS);
      if (to - from > MAX_SAMPLES) {
        // Not between samples of one moment: rows are told apart by their times.
        long end = columns.timestamp(from + MAX_SAMPLES);
        int cut = columns.firstFrom(end);
        to = cut > from ? cut : Math.min(to, columns.firstFrom(end + 1));
      }
      chunks.add(ChunkCodec.encode(columns, from, to));
      from = to;
    }
    return chunks;
  }

  /** The same samples in as few chunks as possible, oldest first. */
  public static List<Chunk> merge(List<Chunk> chunks) {
    if (chunks.size() < 2) {
      return chunks;
    }
    List<Chunk> sorted = new ArrayList<>(chunks);
    sorted.sort(Comparator.comparingLong(Chunk::from).thenComparingLong(Chunk::to));
    Block all = new Block();
    for (Chunk chunk : sorted) {
      all.add(ChunkCodec.decode(chunk.payload()));
    }
    return of(all.freeze());
  }
}
