package io.sonde.store;

import io.sonde.model.Series;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Series that were read lately, by collector and number. What a number stands for never changes
 * once it can be read, so nothing here grows old.
 */
public final class SeriesCache {
  private static final int MOST = 50_000;

  private final Map<Long, Series> series =
      new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Series> eldest) {
          return size() > MOST;
        }
      };

  /** The series of a number, or null when it was not read lately. */
  public synchronized Series get(int collector, int number) {
    return series.get(place(collector, number));
  }

  public synchronized void put(int collector, int number, Series one) {
    series.put(place(collector, number), one);
  }

  private static long place(int collector, int number) {
    return (long) collector << 32 | number;
  }
}
