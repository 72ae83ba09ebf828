package io.sonde.series;

/**
 * A calendar day (UTC) of a series.
 *
 * @param number the series' number within its collector
 * @param day days since 1970-01-01
 */
public record SeriesDay(int number, long day) {
  /** Length of a day in microseconds. */
  public static final long MICROS = 86_400_000_000L;

  /** A day that still grows is merged each time that it has so many rows. */
  static final int MANY_ROWS = 8;

  /** The day of a chunk, which lies within one. */
  public static SeriesDay of(int number, Chunk chunk) {
    return new SeriesDay(number, Math.floorDiv(chunk.from(), MICROS));
  }

  /** The earliest timestamp of the day, microseconds. */
  public long begin() {
    return day * MICROS;
  }
}
