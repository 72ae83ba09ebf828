package io.sonde.query;

import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.series.TimeSplit;
import java.util.List;
import java.util.Map;

/**
 * Which samples are asked for: all conditions hold together.
 *
 * @param equal fields of the series and the value that each must have; a null value asks for a
 *     series that has none
 * @param from earliest timestamp, inclusive, microseconds; {@link Long#MIN_VALUE} where there is no
 *     bound
 * @param to timestamps are before this one, microseconds; {@link Long#MAX_VALUE} where there is no
 *     bound
 * @param metadata conditions on the metadata of each sample
 * @param start where periods begin, microseconds: the lower bound as it was asked for, which {@code
 *     from} may be just behind
 */
public record SampleFilter(
    Map<SeriesField, String> equal,
    long from,
    long to,
    List<MetadataCondition> metadata,
    long start) {

  /** A filter whose periods begin at its lower bound. */
  public SampleFilter(
      Map<SeriesField, String> equal, long from, long to, List<MetadataCondition> metadata) {
    this(equal, from, to, metadata, from);
  }

  /** Everything. */
  public static final SampleFilter ALL =
      new SampleFilter(Map.of(), Long.MIN_VALUE, Long.MAX_VALUE, List.of());

  /** The part that is about series only. */
  public SeriesFilter series() {
    return new SeriesFilter(equal);
  }

  /** The time, divided into periods of so many seconds; 0 for one that holds all. */
  TimeSplit time(long periodSeconds) {
    return new TimeSplit(from, to, start, periodSeconds * 1_000_000);
  }

  /** The same from another lower bound on. */
  SampleFilter startingAt(long newFrom) {
    return new SampleFilter(equal, newFrom, to, metadata);
  }

  /** Whether the filter looks at time at all. */
  public boolean isBounded() {
    return from != Long.MIN_VALUE || to != Long.MAX_VALUE;
  }
}
