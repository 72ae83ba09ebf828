package io.sonde.series;

/**
 * The time that a statistic is about, and how it is divided.
 *
 * @param from earliest timestamp, inclusive, microseconds
 * @param to timestamps are before this one, microseconds
 * @param start where one of the periods begins, microseconds
 * @param length of the periods, microseconds; 0 for one that holds all
 */
public record TimeSplit(long from, long to, long start, long length) {
  /** The number of the period that a timestamp within the bounds belongs to. */
  public long period(long timestamp) {
    return length == 0 ? 0 : Math.floorDiv(timestamp - start, length);
  }

  /**
   * Whether all between two timestamps, inclusive, lies within the bounds and in one period, so
   * that what it sums up to is all there is to know.
   */
  public boolean isWhole(long first, long last) {
    return first >= from && last < to && period(first) == period(last);
  }

  /**
   * Whether the sums of the hours (UTC) between two timestamps, inclusive, are all there is to
   * know: no hour that counts is cut by a bound or by the end of a period.
   */
  public boolean isServedByHours(long first, long last) {
    return (first >= from || isHour(from))
        && (last < to || isHour(to))
        && (hasWholeHours() || period(first) == period(last));
  }

  /** Whether each hour (UTC) belongs to one period. */
  public boolean hasWholeHours() {
    return length % ChunkDirectory.HOUR == 0 && (length == 0 || isHour(start));
  }

  /** Whether an hour (UTC) begins at this time. */
  public static boolean isHour(long timestamp) {
    return Math.floorMod(timestamp, ChunkDirectory.HOUR) == 0;
  }
}
