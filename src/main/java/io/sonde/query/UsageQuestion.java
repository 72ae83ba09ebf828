package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.BiFunction;

/**
 * How much was used.
 *
 * @param filter which series; names a meter
 * @param bounds ascending, microseconds: a period begins at each but the last, and ends before the
 *     next; at least two
 * @param groupBy what is told apart, by the name that it is shown under: fields of the series and
 *     keys of metadata
 * @param longestGap microseconds between two samples up to which what lies between them is known
 * @param shown the text that metadata has at a key, or null; it names groups
 * @param asOf what was recorded after this second, since 1970, does not count: samples, and events
 *     that tell when resources existed; {@link Long#MAX_VALUE} where all counts
 */
public record UsageQuestion(
    SeriesFilter filter,
    List<Long> bounds,
    SortedMap<String, Field> groupBy,
    long longestGap,
    BiFunction<Metadata, String, String> shown,
    long asOf) {

  /** A question about all that was recorded. */
  public UsageQuestion(
      SeriesFilter filter,
      List<Long> bounds,
      SortedMap<String, Field> groupBy,
      long longestGap,
      BiFunction<Metadata, String, String> shown) {
    this(filter, bounds, groupBy, longestGap, shown, Long.MAX_VALUE);
  }

  /** The same as it stood at the end of a second, since 1970. */
  public UsageQuestion asOf(long second) {
    return new UsageQuestion(filter, bounds, groupBy, longestGap, shown, second);
  }

  /** Where the first period begins. */
  public long start() {
    return bounds.get(0);
  }

  /** Where the last period ends. */
  public long end() {
    return bounds.get(bounds.size() - 1);
  }

  /** The same about one meter and one period, which begins and ends then, in microseconds. */
  public UsageQuestion about(String meter, long periodStart, long periodEnd) {
    Map<SeriesField, String> equal = new EnumMap<>(SeriesField.class);
    equal.putAll(filter.equal());
    equal.put(SeriesField.METER, meter);
    return new UsageQuestion(
        new SeriesFilter(equal), List.of(periodStart, periodEnd), groupBy, longestGap, shown, asOf);
  }

  /** Samples from before this time, microseconds, change nothing. */
  public long earliest() {
    return start() - Math.max(Usage.LOOK_BACK, longestGap);
  }
}
