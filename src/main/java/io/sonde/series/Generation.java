package io.sonde.series;

import io.sonde.model.Metadata;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What one flush takes out of a head. It is kept for a while after its rows are written, for
 * readers whose view of the database is older.
 *
 * @param number number of the flush
 * @param seriesCount number of series in the head
 * @param leaving by series number: what goes into chunk rows
 * @param kept by series number: what stays in the head and travels in the snapshot
 * @param born series that no row holds yet
 * @param metadata metadata that no row may hold yet, by id
 */
public record Generation(
    long number,
    int seriesCount,
    Map<Integer, Columns> leaving,
    Map<Integer, Kept> kept,
    List<Head.Entry> born,
    Map<UUID, Metadata> metadata) {

  /**
   * A block that stays.
   *
   * @param flushedTo see {@link Head.Entry#flushedTo()}
   * @param columns its samples
   */
  public record Kept(long flushedTo, Columns columns) {}

  /** Without what only the flush itself needs. */
  public Generation forReaders() {
    return new Generation(number, seriesCount, leaving, Map.of(), born, metadata);
  }
}
