package io.sonde.store;

import io.sonde.series.Chunk;

/** A row of the chunk table: a chunk and its series' number within the collector. */
public record ChunkRow(int series, Chunk chunk) {}
