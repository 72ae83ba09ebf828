package io.sonde.query;

import io.sonde.model.SeriesField;
import io.sonde.series.ExactSum;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Aggregates samples by unit, group and period. Sums are exact, so no order of the samples changes
 * a digit.
 */
final class Statistics {
  private static final long MICROS = 1_000_000;

  private record Key(long period, String unit, List<String> group) {}

  private static final class Row {
    private long count;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private final ExactSum sum = new ExactSum();
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;

    private void add(long timestamp, double volume) {
      count++;
      min = Math.min(min, volume);
      max = Math.max(max, volume);
      sum.add(volume);
      first = Math.min(first, timestamp);
      last = Math.max(last, timestamp);
    }
  }

  private Statistics() {}

  static List<StatisticsRow> of(
      Found found,
      SampleFilter filter,
      Evaluator evaluator,
      long periodSeconds,
      List<SeriesField> groupBy) {
    long start = periodSeconds == 0 ? 0 : start(found, filter, evaluator);
    Map<Key, Row> rows = new HashMap<>();
    for (Found.Piece piece : found.pieces()) {
      String unit = piece.series().unit();
      List<String> group = new ArrayList<>(groupBy.size());
      groupBy.forEach(field -> group.add(field.of(piece.series())));
      long period = Long.MIN_VALUE;
      Row row = null;
      for (int i = 0; i < piece.columns().size(); i++) {
        if (!evaluator.matches(piece, i)) {
          continue;
        }
        long timestamp = piece.columns().timestamp(i);
        long of = periodSeconds == 0 ? 0 : (timestamp - start) / (periodSeconds * MICROS);
        if (row == null || of != period) {
          period = of;
          row = rows.computeIfAbsent(new Key(of, unit, group), key -> new Row());
        }
        row.add(timestamp, piece.columns().volume(i));
      }
    }
    List<StatisticsRow> answer = new ArrayList<>(rows.size());
    rows.forEach((key, row) -> answer.add(row(key, row, start, periodSeconds, groupBy)));
    answer.sort(
        Comparator.comparingLong(
                (StatisticsRow row) -> row.periodSeconds() == 0 ? 0 : row.periodStart())
            .thenComparing(row -> row.group().values().toString())
            .thenComparing(StatisticsRow::unit));
    return answer;
  }

  /**
   * Periods begin at the question's start or, where it has none, at the first sample that matches.
   */
  private static long start(Found found, SampleFilter filter, Evaluator evaluator) {
    if (filter.from() != Long.MIN_VALUE) {
      return filter.start();
    }
    long first = Long.MAX_VALUE;
    for (Found.Piece piece : found.pieces()) {
      for (int i = 0; i < piece.columns().size(); i++) {
        if (evaluator.matches(piece, i)) {
          first = Math.min(first, piece.columns().timestamp(i));
          break;
        }
      }
    }
    return first;
  }

  private static StatisticsRow row(
      Key key, Row row, long start, long periodSeconds, List<SeriesField> groupBy) {
    SortedMap<String, String> group = new TreeMap<>();
    for (int i = 0; i < groupBy.size(); i++) {
      group.put(groupBy.get(i).wireName(), key.group().get(i));
    }
    long length = periodSeconds * MICROS;
    return new StatisticsRow(
        key.unit(),
        Collections.unmodifiableSortedMap(group),
        periodSeconds,
        periodSeconds == 0 ? row.first : start + key.period() * length,
        periodSeconds == 0 ? row.last : start + (key.period() + 1) * length,
        row.first,
        row.last,
        row.count,
        row.min,
        row.max,
        row.sum.value(),
        row.sum.mean(row.count));
  }
}
