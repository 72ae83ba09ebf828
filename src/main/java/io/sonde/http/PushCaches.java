package io.sonde.http;

import io.sonde.model.Metadata;
import io.sonde.series.BytesCache;

/**
 * What the pushes of a node have in common, kept from one to the next.
 *
 * @param texts names and ids by their bytes
 * @param series made of such texts
 * @param metadata by its bytes, in every spelling by itself
 * @param templates how the last sample of a series was written
 */
record PushCaches(
    BytesCache<String> texts,
    SeriesCache series,
    BytesCache<Metadata> metadata,
    SampleTemplates templates) {
  /** Caches for a heap of so many bytes: with two generations of most, about a third of it. */
  static PushCaches create(long heap) {
    return new PushCaches(
        new BytesCache<>(heap / 32),
        new SeriesCache(heap / 16),
        new BytesCache<>(heap / 32),
        new SampleTemplates(heap / 12));
  }
}
