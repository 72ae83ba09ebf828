package io.sonde.series;

import io.sonde.model.Metadata;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What one flush takes out of a head, and what else the head held at that moment. A part of it is
 * kept for a while after its rows are written, for readers whose view of the database is older.
 *
 * @param number number of the flush
 * @param leaving by series number: what goes into chunk rows; chunks of one day in one row
 * @param kept open blocks, which stay in the head and travel in the snapshot
 * @param flushedTo by series number: see {@link Head.Entry#flushedTo()}, this flush included
 * @param rows by series number: how many rows the day of {@code flushedTo} has
 * @param worn days whose rows are to be merged
 * @param born series that no row holds yet
 * @param metadata metadata that no row may hold yet, by id
 */
public record Generation(
    long number,
    Map<Integer, List<Chunk>> leaving,
    List<Kept> kept,
    long[] flushedTo,
    int[] rows,
    List<SeriesDay> worn,
    List<Head.Entry> born,
    Map<UUID, Metadata> metadata) {

  /** A block that stays, and its series' number. */
  public record Kept(int number, Columns columns) {}

  /** Without what only the flush itself needs. */
  public Generation forReaders() {
    return new Generation(
        number, leaving, List.of(), new long[0], new int[0], List.of(), born, metadata);
  }

  /** Bytes of the chunks and of the metadata, about. */
  public long bytes() {
    long chunks = leaving.values().stream().flatMap(List::stream).mapToLong(Chunk::bytes).sum();
    return chunks + metadata.values().stream().mapToLong(one -> one.json().length()).sum();
  }
}
