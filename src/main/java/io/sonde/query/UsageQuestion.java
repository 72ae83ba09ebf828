package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.SeriesFilter;
import java.util.List;
import java.util.function.BiFunction;

/**
 * How much was used.
 *
 * @param filter which series; names a meter
 * @param bounds ascending, microseconds: a period begins at each but the last, and ends before the
 *     next; at least two
 * @param groups what is told apart
 * @param longestGap microseconds between two samples up to which what lies between them is known
 */
public record UsageQuestion(
    SeriesFilter filter, List<Long> bounds, List<Group> groups, long longestGap) {

  /**
   * A property of each sample that is told apart.
   *
   * @param name as answers show it
   * @param isOfMetadata whether metadata is looked at; else it may be anything
   * @param value of a sample of this series with this metadata; may be null
   */
  public record Group(
      String name, boolean isOfMetadata, BiFunction<Series, Metadata, String> value) {}

  /** Where the first period begins. */
  public long start() {
    return bounds.get(0);
  }

  /** Where the last period ends. */
  public long end() {
    return bounds.get(bounds.size() - 1);
  }
}
