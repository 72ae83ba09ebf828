package io.sonde.collector;

import io.sonde.series.CorruptDataException;

/**
 * What the bytes of a snapshot say of themselves, for audit.
 *
 * @param collector whose it is
 * @param sequence of the last event that it covers
 * @param generation number of the flush that wrote it
 * @param chainHash of this event, 32 bytes
 * @param series how many the collector had numbered
 */
public record StoredSnapshot(
    int collector, long sequence, long generation, byte[] chainHash, int series) {

  /**
   * Reads all of the bytes.
   *
   * @throws CorruptDataException when they are no snapshot
   */
  public static StoredSnapshot of(byte[] payload) {
    Ledger ledger = SnapshotCodec.decode(payload);
    return new StoredSnapshot(
        ledger.collector(),
        ledger.sequence(),
        ledger.generation(),
        ledger.chainHash(),
        ledger.head().nextNumber());
  }
}
