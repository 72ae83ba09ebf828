package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.series.ChunkCodec;
import io.sonde.series.ChunkDirectory;
import io.sonde.series.Columns;
import io.sonde.series.ExactSum;
import io.sonde.series.SquareSum;
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
import java.util.function.Function;

/**
 * Aggregates by unit, group and period while it is read; takes memory for these, whatever the
 * number of samples. Sums are exact, so no order of the samples changes a digit, and what an hour
 * sums up to serves as well as its samples. Where metadata decides whether samples match or which
 * group they belong to, the samples of each metadata are aggregated apart, and that is decided at
 * the end.
 */
final class Statistics implements Findings {
  /** Rows that a question may have in memory, about 200 bytes each. */
  static final int MOST_ROWS = 250_000;

  /** Values that may be told apart to count them, over all rows. */
  private static final int MOST_DISTINCT = 1_000_000;

  /**
   * What is told apart.
   *
   * @param values of the fields to group by; null as well where only metadata tells
   * @param rest what metadata has to decide yet
   * @param metadata null where it decides nothing
   */
  private record Group(String unit, List<String> values, Condition rest, UUID metadata) {}

  private final class Row {
    private long count;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private final ExactSum sum = new ExactSum();
    private final SquareSum squares = question.hasDeviation() ? new SquareSum() : null;
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;

    /** The values of each field that is counted, in their order. */
    private final List<Set<String>> distinct = new ArrayList<>(question.distinct().size());

    private Series counted;

    private Row() {
      question.distinct().forEach(field -> distinct.add(new HashSet<>()));
    }

    private void add(Series series, Columns columns, int i) {
      double volume = columns.volume(i);
      sum.add(volume);
      if (squares != null) {
        squares.add(volume);
      }
      count(series);
      add(1, columns.timestamp(i), columns.timestamp(i), volume, volume);
    }

    private void add(Series series, ChunkDirectory hours, int i) {
      hours.addSum(i, sum);
      count(series);
      add(hours.count(i), hours.first(i), hours.last(i), hours.min(i), hours.max(i));
    }

    private void add(Row other) {
      sum.add(other.sum);
      if (squares != null) {
        squares.add(other.squares);
      }
      for (int i = 0; i < distinct.size(); i++) {
        distinct.get(i).addAll(other.distinct.get(i));
      }
      add(other.count, other.first, other.last, other.min, other.max);
    }

    private void add(long more, long from, long to, double least, double greatest) {
      count += more;
      first = Math.min(first, from);
      last = Math.max(last, to);
      min = Math.min(min, least);
      max = Math.max(max, greatest);
    }

    private void count(Series series) {
      if (distinct.isEmpty() || series.equals(counted)) {
        return;
      }
      counted = series;
      int i = 0;
      for (SeriesField field : question.distinct()) {
        String value = field.of(series);
        if (value != null && distinct.get(i).add(value) && ++values > MOST_DISTINCT) {
          throw new TooLargeException(
              "More than " + MOST_DISTINCT + " values would have to be told apart to count them");
        }
        i++;
      }
    }

    private SortedMap<SeriesField, Long> cardinalities() {
      SortedMap<SeriesField, Long> counts = new TreeMap<>();
      int i = 0;
      for (SeriesField field : question.distinct()) {
        counts.put(field, (long) distinct.get(i++).size());
      }
      return counts;
    }
  }

  private final SampleFilter filter;
  private final StatisticsQuestion question;
  private final TimeSplit time;
  private final Map<Group, Map<Long, Row>> groups = new HashMap<>();
  private final Map<UUID, Metadata> texts = new HashMap<>();
  private final FlatValues flat = new FlatValues();
  private int rows;
  private int values;

  // Where the reading is.
  private Series latest;
  private Condition ofSeries;
  private boolean isByColumns;
  private boolean isByMetadata;
  private Condition latestRest;
  private UUID latestMetadata;
  private Map<Long, Row> periods;

  /**
   * Nothing yet.
   *
   * @param filter has a lower bound where there are periods
   */
  Statistics(SampleFilter filter, StatisticsQuestion question) {
    this.filter = filter;
    this.question = question;
    this.time = filter.time(question.periodSeconds());
  }

  @Override
  public void metadata(Metadata text) {
    texts.put(text.id(), text);
  }

  @Override
  public boolean chunk(
      Series series,
      byte[] directory,
      byte[] payload,
      Function<Set<UUID>, Map<UUID, Metadata>> lookup) {
    turnTo(series);
    if (ofSeries.equals(Condition.Or.FALSE)) {
      return true;
    }
    // A row without its samples: whatever is asked of these holds of all.
    boolean isForSamples = isByColumns || isByMetadata || question.hasDeviation();
    if (directory == null || (payload != null && isForSamples)) {
      add(series, ChunkCodec.decode(payload), time.from(), time.to());
      return true;
    }
    ChunkDirectory hours = ChunkDirectory.decode(directory);
    Columns samples = null;
    for (int i = 0; i < hours.hours(); i++) {
      long first = hours.first(i);
      long last = hours.last(i);
      if (time.isWhole(first, last)) {
        enter(series, Condition.And.TRUE, null);
        row(time.period(first)).add(series, hours, i);
      } else if (last >= time.from() && first < time.to()) {
        samples = samples == null ? ChunkCodec.decode(payload) : samples;
        long end = last == Long.MAX_VALUE ? last : last + 1;
        add(series, samples, Math.max(first, time.from()), Math.min(end, time.to()));
      }
    }
    return true;
  }

  private void turnTo(Series series) {
    if (!series.equals(latest)) {
      latest = series;
      ofSeries = Evaluator.bySeries(filter.rest(), series);
      isByColumns = ofSeries.looksAtColumns();
      isByMetadata = ofSeries.looksAtMetadata() || question.isByMetadata(series.dimensions());
      periods = null;
    }
  }

  /** Adds the samples from one time to before another. */
  private void add(Series series, Columns columns, long from, long to) {
    int end = columns.firstFrom(to);
    long period = 0;
    Row row = null;
    for (int i = columns.firstFrom(from); i < end; i++) {
      Condition rest = isByColumns ? Evaluator.byColumns(ofSeries, series, columns, i) : ofSeries;
      if (rest.equals(Condition.Or.FALSE)) {
        continue;
      }
      boolean isOther = enter(series, rest, isByMetadata ? columns.metadata(i) : null);
      long of = time.period(columns.timestamp(i));
      if (row == null || isOther || of != period) {
        period = of;
        row = row(period);
      }
      row.add(series, columns, i);
    }
  }

  /** Turns to a group of a series; says whether it is perhaps another than before. */
  private boolean enter(Series series, Condition rest, UUID metadata) {
    if (periods != null && rest == latestRest && Objects.equals(metadata, latestMetadata)) {
      return false;
    }
    latestRest = rest;
    latestMetadata = metadata;
    List<String> known = new ArrayList<>(question.groupBy().size());
    for (Field field : question.groupBy().values()) {
      known.add(
          field instanceof Field.MetadataKey at
              ? series.dimensions().get(at.key())
              : ((Field.OfSeries) field).field().of(series));
    }
    periods =
        groups.computeIfAbsent(
            new Group(series.unit(), known, rest, metadata), group -> new HashMap<>());
    return true;
  }

  private Row row(long period) {
    Row row = periods.get(period);
    if (row == null) {
      if (++rows > MOST_ROWS) {
        throw new TooLargeException(
            "The answer takes more than " + MOST_ROWS + " rows, one for each group and period");
      }
      row = new Row();
      periods.put(period, row);
    }
    return row;
  }

  /** The ids of all metadata by which something has to be decided. */
  Set<UUID> metadataIds() {
    Set<UUID> ids = new HashSet<>();
    for (Group group : groups.keySet()) {
      if (group.metadata() != null) {
        ids.add(group.metadata());
      }
    }
    return ids;
  }

  /** Metadata that the collectors sent along, as no row may hold it yet. */
  Map<UUID, Metadata> texts() {
    return texts;
  }

  /** The earliest sample's timestamp, or {@link Long#MAX_VALUE} where there is none. */
  long first(Map<UUID, Metadata> known) {
    long first = Long.MAX_VALUE;
    for (Map<Long, Row> group : matching(known).values()) {
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

  /**
   * The rows, by period and then group.
   *
   * @param known the texts of {@link #metadataIds}
   */
  List<StatisticsRow> rows(Map<UUID, Metadata> known) {
    List<Named> named = new ArrayList<>();
    matching(known)
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

  /** The groups of samples that match, with all of their values. */
  private Map<Group, Map<Long, Row>> matching(Map<UUID, Metadata> known) {
    if (metadataIds().isEmpty() && groups.keySet().stream().allMatch(Statistics::isDecided)) {
      return groups;
    }
    Map<Group, Map<Long, Row>> matching = new HashMap<>();
    groups.forEach(
        (group, periods) -> {
          if (isDecided(group)
              || Evaluator.byMetadata(group.rest(), flat.of(group.metadata(), known))) {
            Map<Long, Row> into =
                matching.computeIfAbsent(whole(group, known), key -> new HashMap<>());
            periods.forEach(
                (period, row) -> into.computeIfAbsent(period, key -> new Row()).add(row));
          }
        });
    return matching;
  }

  private static boolean isDecided(Group group) {
    return group.rest().equals(Condition.And.TRUE);
  }

  /** The group with what its metadata says. */
  private Group whole(Group group, Map<UUID, Metadata> known) {
    List<String> all = new ArrayList<>(group.values());
    int i = 0;
    for (Field field : question.groupBy().values()) {
      if (field instanceof Field.MetadataKey at && all.get(i) == null && group.metadata() != null) {
        Metadata text = known.getOrDefault(group.metadata(), Metadata.EMPTY);
        all.set(i, question.shown().apply(text, at.key()));
      }
      i++;
    }
    return new Group(group.unit(), all, Condition.And.TRUE, null);
  }

  private SortedMap<String, String> name(Group group) {
    SortedMap<String, String> name = new TreeMap<>();
    int i = 0;
    for (String field : question.groupBy().keySet()) {
      name.put(field, group.values().get(i++));
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
        row.sum.mean(row.count),
        row.squares == null ? Double.NaN : row.squares.deviation(row.sum, row.count),
        row.cardinalities());
  }
}
