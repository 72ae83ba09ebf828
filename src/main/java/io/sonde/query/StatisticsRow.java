package io.sonde.query;

import io.sonde.model.SeriesField;
import java.util.SortedMap;

/**
 * Aggregates of the samples of one unit, one group and one period.
 *
 * @param unit the samples' unit
 * @param group the group's fields by their wire names, values may be null; empty when nothing was
 *     grouped
 * @param periodSeconds length of the period; 0 when there are none
 * @param periodStart inclusive, microseconds
 * @param periodEnd exclusive where there are periods, microseconds
 * @param first timestamp of the first sample, microseconds
 * @param last timestamp of the last sample, microseconds
 * @param count number of samples
 * @param min least volume
 * @param max greatest volume
 * @param sum of the volumes, exact and rounded once
 * @param avg the rounded sum by the count, so that a client who divides gets the same
 * @param deviation the standard deviation of the whole population; NaN when nobody asked for it
 * @param cardinalities how many values there are of the fields that were asked for
 */
public record StatisticsRow(
    String unit,
    SortedMap<String, String> group,
    long periodSeconds,
    long periodStart,
    long periodEnd,
    long first,
    long last,
    long count,
    double min,
    double max,
    double sum,
    double avg,
    double deviation,
    SortedMap<SeriesField, Long> cardinalities) {}
