package io.sonde.query;

import io.sonde.model.MeterType;
import java.util.SortedMap;

/**
 * What was used of one meter in one period by one group.
 *
 * @param type of the meter, which says what the quantity is
 * @param unit of the meter
 * @param group by name, values may be null; empty when nothing was grouped
 * @param periodStart inclusive, microseconds
 * @param periodEnd exclusive, microseconds
 * @param quantity of a gauge its integral over time in unit-hours, of a cumulative meter its
 *     growth, of a delta its sum
 * @param resources that have samples or known time here
 * @param samples in the period
 * @param covered microseconds between samples no further apart than the longest gap, over all
 *     series
 * @param gaps stretches between samples further apart than that, counted where they begin
 * @param gapTime microseconds of such stretches
 * @param longestGap microseconds of the longest one, cut to the period
 * @param resets how often a cumulative meter fell
 * @param first timestamp of the first sample in the period, microseconds; {@link Long#MAX_VALUE}
 *     without one
 * @param last timestamp of the last sample in the period, microseconds; {@link Long#MIN_VALUE}
 *     without one
 */
public record UsageRow(
    MeterType type,
    String unit,
    SortedMap<String, String> group,
    long periodStart,
    long periodEnd,
    double quantity,
    long resources,
    long samples,
    long covered,
    long gaps,
    long gapTime,
    long longestGap,
    long resets,
    long first,
    long last) {
  /** The unit of the quantity. */
  public String quantityUnit() {
    return type == MeterType.GAUGE ? unit + "·h" : unit;
  }
}
