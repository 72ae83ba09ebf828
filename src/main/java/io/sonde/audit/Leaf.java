package io.sonde.audit;

import java.nio.ByteBuffer;

/**
 * A leaf of the log: an event of a collector's journal.
 *
 * @param collector whose journal it is in
 * @param sequence its number there
 * @param eventHash the hash that the journal's chain has of it, 32 bytes
 */
record Leaf(int collector, long sequence, byte[] eventHash) {
  private static final byte VERSION = 1;

  /** The leaf's hash in the tree. */
  byte[] hash() {
    return MerkleTree.leafHash(
        ByteBuffer.allocate(1 + Integer.BYTES + Long.BYTES + eventHash.length)
            .put(VERSION)
            .putInt(collector)
            .putLong(sequence)
            .put(eventHash)
            .array());
  }
}
