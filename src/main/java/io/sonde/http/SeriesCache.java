package io.sonde.http;

import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.series.RecentTable;
import java.util.Objects;

/**
 * The series without dimensions that were pushed lately. One that is found was checked when it was
 * made, and is the same object for every push. Bounded, and for use by several threads, as {@link
 * RecentTable} says.
 */
final class SeriesCache extends RecentTable<Series> {
  private static final int ENTRY_BYTES = 64;

  /**
   * An empty cache.
   *
   * @param room bytes that one of its two generations may hold
   */
  SeriesCache(long room) {
    super(new Series[0], room);
  }

  /**
   * The series of these fields; project and user may be null.
   *
   * @throws IllegalArgumentException when it cannot be stored
   */
  Series get(
      String source,
      String meter,
      MeterType type,
      String unit,
      String resource,
      String project,
      String user) {
    Series[] young = young();
    int at = find(young, source, meter, type, unit, resource, project, user);
    if (at >= 0) {
      return young[at];
    }
    Series[] old = old();
    at = find(old, source, meter, type, unit, resource, project, user);
    return add(
        at >= 0
            ? old[at]
            : new Series(source, meter, type, unit, resource, project, user, Series.NO_DIMENSIONS));
  }

  @Override
  protected int hashOf(Series series) {
    return spread(series.hashCode());
  }

  /** The texts are mostly shared with other series. */
  @Override
  protected long bytesOf(Series series) {
    return (long) ENTRY_BYTES + series.utf8Length() / 2;
  }

  @Override
  protected boolean areSame(Series one, Series other) {
    return one.equals(other);
  }

  private static int find(
      Series[] table,
      String source,
      String meter,
      MeterType type,
      String unit,
      String resource,
      String project,
      String user) {
    int hash = Series.hash(resource, meter);
    int spread = spread(hash);
    int at = place(spread, 0, table.length);
    for (int tried = 0; at >= 0; at = place(spread, ++tried, table.length)) {
      Series series = table[at];
      if (series == null) {
        return -1;
      }
      // The texts come from a cache too: equal ones are nearly always the same object.
      if (series.hashCode() == hash
          && series.resourceId().equals(resource)
          && series.meter().equals(meter)
          && series.type() == type
          && series.unit().equals(unit)
          && series.source().equals(source)
          && Objects.equals(series.projectId(), project)
          && Objects.equals(series.userId(), user)) {
        return at;
      }
    }
    return -1;
  }

  private static int spread(int hash) {
    int product = hash * 0x9e3779b9;
    return product ^ (product >>> 16);
  }
}
