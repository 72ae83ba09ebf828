package io.sonde.store;

/**
 * A row of the chunk table.
 *
 * @param series the series' number within its collector
 * @param from earliest timestamp, microseconds
 * @param to latest timestamp, microseconds
 * @param samples number of samples
 * @param payload as {@link io.sonde.series.ChunkCodec} writes it
 */
public record ChunkRow(int series, long from, long to, int samples, byte[] payload) {}
