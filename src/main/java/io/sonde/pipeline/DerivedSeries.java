package io.sonde.pipeline;

import io.sonde.model.Series;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * What series become, remembered for as many as are likely to come again soon: naming one anew
 * costs more than all else that is done with a sample. For use by many threads.
 */
final class DerivedSeries {
  /** Above this, remembering begins anew. */
  private static final int CACHED = 50_000;

  private final UnaryOperator<Series> derive;
  private final ConcurrentHashMap<Series, Series> known = new ConcurrentHashMap<>();

  DerivedSeries(UnaryOperator<Series> derive) {
    this.derive = derive;
  }

  Series of(Series input) {
    Series derived = known.get(input);
    if (derived == null) {
      derived = derive.apply(input);
      if (known.size() >= CACHED) {
        known.clear();
      }
      known.put(input, derived);
    }
    return derived;
  }
}
