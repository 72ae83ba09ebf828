package io.sonde.store;

import io.sonde.model.Metadata;
import java.util.List;
import java.util.UUID;

/**
 * What one flush of a collector writes, in one transaction.
 *
 * @param collector the collector's number
 * @param generation the number of this flush; the row of the collector must hold the one before
 * @param token names this flush, so that it is known again after a lost answer
 * @param sequence sequence number in the journal of the last event that is covered
 * @param chunks chunk rows
 * @param series series that no row holds yet
 * @param metadata metadata that no row may hold yet
 * @param snapshot what the collector needs to go on after that event
 */
public record Flush(
    int collector,
    long generation,
    UUID token,
    long sequence,
    List<ChunkRow> chunks,
    List<SeriesRow> series,
    List<Metadata> metadata,
    Snapshot snapshot) {

  /**
   * A row of Akka's snapshot table.
   *
   * @param persistenceId of the collector
   * @param serializerId of our serializer
   * @param manifest for it
   * @param payload for it
   */
  public record Snapshot(String persistenceId, int serializerId, String manifest, byte[] payload) {}
}
