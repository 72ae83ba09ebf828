package io.sonde.http;

import io.sonde.model.Metadata;

/**
 * What the pushes of a node have in common, kept from one to the next.
 *
 * @param texts names and ids by their bytes
 * @param series made of such texts
 * @param metadata by its bytes, in every spelling by itself
 */
record PushCaches(BytesCache<String> texts, SeriesCache series, BytesCache<Metadata> metadata) {
  /** Caches for a heap of so many bytes: with two generations each, about a quarter of it. */
  static PushCaches create(long heap) {
    return new PushCaches(
        new BytesCache<>(heap / 32), new SeriesCache(heap / 16), new BytesCache<>(heap / 32));
  }
}
