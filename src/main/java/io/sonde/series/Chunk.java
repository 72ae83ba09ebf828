package io.sonde.series;

/**
 * Samples of one series within one calendar day (UTC), as they are stored.
 *
 * @param from earliest timestamp, microseconds
 * @param to latest timestamp, microseconds
 * @param samples number of samples
 * @param recorded the latest second, since 1970, in which one of them was recorded; 0 where that is
 *     not known
 * @param directory what each hour of them sums up to, see {@link ChunkDirectory}
 * @param payload the samples, see {@link ChunkCodec}
 */
public record Chunk(
    long from, long to, int samples, long recorded, byte[] directory, byte[] payload) {
  /** Bytes of both parts. */
  public int bytes() {
    return directory.length + payload.length;
  }
}
