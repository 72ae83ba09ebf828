package io.sonde.store;

import io.sonde.model.Series;

/**
 * A row of the series table.
 *
 * @param number the series' number within its collector
 * @param series what it stands for
 */
public record SeriesRow(int number, Series series) {}
