package io.sonde.series;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the batches that come from other nodes have in common: the same series come again with every
 * poll, and most of the work of reading a batch would be to make and check them anew. For use by
 * several threads.
 */
public final class BatchCaches {
  /** Those of this JVM, for all of its serializers. */
  public static final BatchCaches SHARED = new BatchCaches(Runtime.getRuntime().maxMemory());

  private final BytesCache<Series> series;
  private final BytesCache<Metadata> metadata;

  /** Empty ones, for a heap of so many bytes: about a sixth of it at most. */
  BatchCaches(long heap) {
    series = new BytesCache<>(heap / 16);
    metadata = new BytesCache<>(heap / 64);
  }

  Series series(ByteReader in) {
    return get(series, in, BatchCodec::skipSeries, BatchCodec::readSeries);
  }

  Metadata metadata(ByteReader in) {
    return get(metadata, in, ByteReader::skipString, BatchCodec::readMetadata);
  }

  private static <V> V get(
      BytesCache<V> cache, ByteReader in, Consumer<ByteReader> skip, Function<ByteReader, V> read) {
    byte[] bytes = in.array();
    int from = in.position();
    skip.accept(in);
    int to = in.position();
    V known = cache.get(bytes, from, to);
    return known != null
        ? known
        : cache.add(bytes, from, to, read.apply(new ByteReader(bytes, from, to)));
  }
}
