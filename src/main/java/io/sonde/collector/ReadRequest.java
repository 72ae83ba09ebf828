package io.sonde.collector;

import io.sonde.model.SeriesFilter;

/**
 * Asks a collector for all that was not in chunk rows at a generation.
 *
 * @param filter which series
 * @param from earliest timestamp, inclusive, microseconds
 * @param to timestamps are before this one, microseconds
 * @param wants what is asked for
 * @param generation the collector's generation in the reader's view of the database
 * @param sequence the highest sequence number of the collector's journal in that view
 */
public record ReadRequest(
    SeriesFilter filter, long from, long to, Wants wants, long generation, long sequence) {

  /** What a reader wants of the matching series. */
  public enum Wants {
    /** The series that no row of the series table holds. */
    SERIES,
    /** The samples. */
    SAMPLES,
    /** The samples, and the metadata that they refer to and that no row may hold. */
    SAMPLES_AND_METADATA
  }
}
