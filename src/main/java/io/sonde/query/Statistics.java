package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.series.ChunkCodec;
import io.sonde.series.ChunkDirectory;
import io.sonde.series.Columns;
import io.sonde.series.ExactSum;
import io.sonde.series.TimeSplit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Aggregates by unit, group and period while it is read; takes memory for these, whatever the
 * number of samples. Sums are exact, so no order of the samples changes a digit, and what an hour
 * sums up to serves as well as its samples. Where there are conditions on metadata, the samples of
 * each metadata are aggregated apart, and the conditions are decided at the end.
 */
final class Statistics implements Findings {
  /** Rows that a question may have in memory, about 200 bytes each. */
  static final int MOST_ROWS = 250_000;

  /**
   * What is told apart.
   *
   * @param values of the fields to group by
   * @param dimensions without entries where there are no conditions on metadata
   * @param metadata null where there are no conditions on metadata
   */
  private record Group(
      String unit, List<String> values, SortedMap<String, String> dimensions, UUID metadata) {}

  private static final class Row {
    private long count;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private final ExactSum sum = new ExactSum();
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;

    private void add(Columns columns, int i) {
      sum.add(columns.volume(i));
      add(1, columns.timestamp(i), columns.timestamp(i), columns.volume(i), columns.volume(i));
    }

    private void add(ChunkDirectory hours, int i) {
      hours.addSum(i, sum);
      add(hours.count(i), hours.first(i), hours.last(i), hours.min(i), hours.max(i));
    }

    private void add(Row other) {
      sum.add(other.sum);
      add(other.count, other.first, other.last, other.min, other.max);
    }

    private void add(long more, long from, long to, double least, double greatest) {
      count += more;
      first = Math.min(first, from);
      last = Math.max(last, to);
      min = Math.min(min, least);
      max = Math.max(max, greatest);
    }
  }

  private final TimeSplit time;
  private final List<SeriesField> groupBy;
  private final boolean isByMetadata;
  private final Map<Group, Map<Long, Row>> groups = new HashMap<>();
  private final Map<UUID, Metadata> texts = new HashMap<>();
  private int rows;
  private Series latest;
  private UUID latestMetadata;
  private Map<Long, Row> periods;

  /**
   * Nothing yet.
   *
   * @param periodSeconds length of the periods, 0 for one that holds all; where it is not 0 the
   *     filter has a lower bound
   * @param groupBy fields of the series to be told apart
   */
  Statistics(SampleFilter filter, long periodSeconds, List<SeriesField> groupBy) {
    this.time = filter.time(periodSeconds);
    this.groupBy = groupBy;
    this.isByMetadata = !filter.metadata().isEmpty();
  }

  @Override
  public void series(Series series) {
    // Without samples there is nothing to sum up.
  }

  @Override
  public void metadata(Metadata text) {
    texts.put(text.id(), text);
  }

  @Override
  public boolean chunk(Series series, byte[] directory, byte[] payload) {
    if (directory == null || isByMetadata) {
      add(series, ChunkCodec.decode(payload), time.from(), time.to());
      return true;
    }
    ChunkDirectory hours = ChunkDirectory.decode(directory);
    Columns samples = null;
    for (int i = 0; i < hours.hours(); i++) {
      long first = hours.first(i);
      long last = hours.last(i);
      if (time.isWhole(first, last)) {
        enter(series, null);
        row(time.period(first)).add(hours, i);
      } else if (last >= time.from() && first < time.to()) {
        samples = samples == null ? ChunkCodec.decode(payload) : samples;
        long end = last == Long.MAX_VALUE ? last : last + 1;
        add(series, samples, Math.max(first, time.from()), Math.min(end, time.to()));
      }
    }
    return true;
  }

  /** Adds the samples from one time to before another. */
  private void add(Series series, Columns columns, long from, long to) {
    int end = columns.firstFrom(to);
    long period = 0;
    Row row = null;
    for (int i = columns.firstFrom(from); i < end; i++) {
      boolean isOther = enter(series, isByMetadata ? columns.metadata(i) : null);
      long of = time.period(columns.timestamp(i));
      if (row == null || isOther || of != period) {
        period = of;
        row = row(period);
      }
      row.add(columns, i);
    }
  }

  /** Turns to the group of a series; says whether it is perhaps another than before. */
  private boolean enter(Series series, UUID metadata) {
    if (series.equals(latest) && Objects.equals(metadata, latestMetadata)) {
      return false;
    }
    latest = series;
    latestMetadata = metadata;
    List<String> values = new ArrayList<>(groupBy.size());
    groupBy.forEach(field -> values.add(field.of(series)));
    periods =
        groups.computeIfAbsent(
            new Group(
                series.unit(),
                values,
                isByMetadata ? series.dimensions() : Series.NO_DIMENSIONS,
                metadata),
            group -> new HashMap<>());
    return true;
  }

  private Row row(long period) {
    Row row = periods.get(period);
    if (row == null) {
      if (++rows > MOST_ROWS) {
        throw new TooLargeException(
            "The answer takes more than "
                + MOST_ROWS
                + " rows, one for each group and period: ask for a shorter time, a longer period or"
                + " fewer groups.");
      }
      row = new Row();
      periods.put(period, row);
    }
    return row;
  }

  /** The ids of all metadata that the conditions have to be decided of. */
  Set<UUID> metadataIds() {
    Set<UUID> ids = new HashSet<>();
    if (isByMetadata) {
      groups.keySet().forEach(group -> ids.add(group.metadata()));
    }
    return ids;
  }

  /** Metadata that the collectors sent along, as no row may hold it yet. */
  Map<UUID, Metadata> texts() {
    return texts;
  }

  /** The earliest sample's timestamp, or {@link Long#MAX_VALUE} where there is none. */
  long first(Evaluator evaluator) {
    long first = Long.MAX_VALUE;
    for (Map<Long, Row> group : matching(evaluator).values()) {
      for (Row row : group.values()) {
        first = Math.min(first, row.first);
      }
    }
    return first;
  }

  /** A group under the name that it is shown and sorted by. */
  private record Named(
      SortedMap<String, String> name, String text, String unit, Map<Long, Row> rows) {}

  private record Entry(long period, int rank, Row row) {}

  /** The rows, by period and then group. */
  List<StatisticsRow> rows(Evaluator evaluator) {
    List<Named> named = new ArrayList<>();
    matching(evaluator)
        .forEach(
            (group, rows) -> {
              SortedMap<String, String> name = name(group);
              named.add(new Named(name, name.values().toString(), group.unit(), rows));
            });
    named.sort(Comparator.comparing(Named::text).thenComparing(Named::unit));
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < named.size(); i++) {
      int rank = i;
      named.get(i).rows().forEach((period, row) -> entries.add(new Entry(period, rank, row)));
    }
    entries.sort(Comparator.comparingLong(Entry::period).thenComparingInt(Entry::rank));
    List<StatisticsRow> answer = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      Named group = named.get(entry.rank());
      answer.add(row(group.unit(), group.name(), entry.period(), entry.row()));
    }
    return answer;
  }

  private Map<Group, Map<Long, Row>> matching(Evaluator evaluator) {
    if (!isByMetadata) {
      return groups;
    }
    Map<Group, Map<Long, Row>> matching = new HashMap<>();
    groups.forEach(
        (group, periods) -> {
          if (evaluator.matches(group.dimensions(), group.metadata())) {
            Map<Long, Row> into =
                matching.computeIfAbsent(
                    new Group(group.unit(), group.values(), Series.NO_DIMENSIONS, null),
                    key -> new HashMap<>());
            periods.forEach(
                (period, row) -> into.computeIfAbsent(period, key -> new Row()).add(row));
          }
        });
    return matching;
  }

  private SortedMap<String, String> name(Group group) {
    SortedMap<String, String> name = new TreeMap<>();
    for (int i = 0; i < groupBy.size(); i++) {
      name.put(groupBy.get(i).wireName(), group.values().get(i));
    }
    return Collections.unmodifiableSortedMap(name);
  }

  private StatisticsRow row(String unit, SortedMap<String, String> name, long period, Row row) {
    boolean isDivided = time.length() > 0;
    return new StatisticsRow(
        unit,
        name,
        time.length() / 1_000_000,
        isDivided ? time.start() + period * time.length() : row.first,
        isDivided ? time.start() + (period + 1) * time.length() : row.last,
        row.first,
        row.last,
        row.count,
        row.min,
        row.max,
        row.sum.value(),
        row.sum.mean(row.count));
  }
}
