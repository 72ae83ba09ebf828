package io.sonde.query;

import static java.util.stream.Collectors.joining;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/** What the query service should say, by loops over all samples. */
final class NaiveModel {
  /**
   * A sample as it was added.
   *
   * @param tree its metadata
   * @param flat the same, see {@link #flat}
   */
  record Entry(
      String id,
      Sample sample,
      Map<String, Object> tree,
      Map<String, Object> flat,
      long recordedAt) {
    Series series() {
      return sample.series();
    }
  }

  /** What tells rows of statistics apart. */
  record RowKey(long start, String unit, Map<String, String> group) {}

  /** A row, with sums that are not rounded yet. */
  record Row(
      long count,
      double min,
      double max,
      BigDecimal sum,
      double deviation,
      long first,
      long last,
      Map<SeriesField, Long> distinct) {}

  final Map<String, Entry> all = new TreeMap<>();
  private final Map<Metadata, Map<String, Object>> texts = new HashMap<>();
  private final Map<Metadata, Map<String, Object>> trees = new HashMap<>();

  List<Entry> matching(SampleFilter filter) {
    List<Entry> matching = new ArrayList<>();
    for (Entry entry : all.values()) {
      if (isOf(filter, entry) && holds(filter.rest(), entry)) {
        matching.add(entry);
      }
    }
    return matching;
  }

  List<String> samples(SampleFilter filter, List<Order> orders, int limit) {
    List<Entry> matching = matching(filter);
    matching.sort(
        (a, b) -> {
          for (Order order : orders) {
            int sign = compare(value(order.field(), a), value(order.field(), b));
            if (sign != 0) {
              return order.isDescending() ? -sign : sign;
            }
          }
          int sign = Long.compare(b.sample().timestamp(), a.sample().timestamp());
          return sign == 0 ? a.id().compareTo(b.id()) : sign;
        });
    return matching.stream().limit(limit).map(Entry::id).toList();
  }

  /** Name, type, unit and owners of the series whose newest sample matches, in their order. */
  List<List<Object>> meters(SampleFilter filter) {
    Map<Series, Entry> newest = new HashMap<>();
    for (Entry entry : all.values()) {
      if (isOf(filter, entry)) {
        newest.merge(entry.series(), entry, NaiveModel::newer);
      }
    }
    Set<List<Object>> meters = new HashSet<>();
    for (Entry entry : newest.values()) {
      if (holds(filter.rest(), entry)) {
        meters.add(meter(entry.series()));
      }
    }
    List<List<Object>> ordered = new ArrayList<>(meters);
    ordered.sort(
        Comparator.<List<Object>, String>comparing(meter -> (String) meter.get(0))
            .thenComparing(meter -> (String) meter.get(3))
            .thenComparing(NaiveModel::identity, Long::compareUnsigned));
    return ordered;
  }

  private static long identity(List<Object> meter) {
    return SampleId.identity(
        new Series(
            (String) meter.get(6),
            (String) meter.get(0),
            (MeterType) meter.get(1),
            (String) meter.get(2),
            (String) meter.get(3),
            (String) meter.get(4),
            (String) meter.get(5),
            Series.NO_DIMENSIONS));
  }

  static List<Object> meter(Series series) {
    List<Object> meter = new ArrayList<>();
    meter.add(series.meter());
    meter.add(series.type());
    meter.add(series.unit());
    meter.add(series.resourceId());
    meter.add(series.projectId());
    meter.add(series.userId());
    meter.add(series.source());
    return meter;
  }

  List<ResourceView> resources(SampleFilter filter, int limit) {
    Map<String, List<Entry>> byResource = new TreeMap<>();
    for (Entry entry : matching(filter)) {
      byResource.computeIfAbsent(entry.series().resourceId(), id -> new ArrayList<>()).add(entry);
    }
    List<ResourceView> resources = new ArrayList<>();
    for (List<Entry> entries : byResource.values()) {
      Entry newest = entries.stream().reduce(NaiveModel::newer).orElseThrow();
      TreeSet<String> meters = new TreeSet<>();
      entries.forEach(entry -> meters.add(entry.series().meter()));
      resources.add(
          new ResourceView(
              newest.series().resourceId(),
              newest.series().projectId(),
              newest.series().userId(),
              newest.series().source(),
              newest.sample().metadata(),
              entries.stream().mapToLong(entry -> entry.sample().timestamp()).min().orElseThrow(),
              newest.sample().timestamp(),
              meters));
    }
    return resources.stream().limit(limit).toList();
  }

  Map<RowKey, Row> statistics(SampleFilter filter, StatisticsQuestion question) {
    List<Entry> matching = matching(filter);
    long length = question.periodSeconds() * 1_000_000;
    long start = filter.start();
    if (start == Long.MIN_VALUE) {
      start = matching.stream().mapToLong(entry -> entry.sample().timestamp()).min().orElse(0);
    }
    Map<RowKey, List<Entry>> groups = new HashMap<>();
    for (Entry entry : matching) {
      Map<String, String> group = new HashMap<>();
      for (Map.Entry<String, Field> by : question.groupBy().entrySet()) {
        group.put(by.getKey(), text(by.getValue(), entry, question.shown()));
      }
      long period = start;
      while (length > 0 && period + length <= entry.sample().timestamp()) {
        long many = (entry.sample().timestamp() - period) / length;
        period += Math.max(1, many) * length;
      }
      groups
          .computeIfAbsent(
              new RowKey(length == 0 ? 0 : period, entry.series().unit(), group),
              key -> new ArrayList<>())
          .add(entry);
    }
    Map<RowKey, Row> rows = new HashMap<>();
    groups.forEach((key, entries) -> rows.put(key, row(entries, question)));
    return rows;
  }

  private static Row row(List<Entry> entries, StatisticsQuestion question) {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal squares = BigDecimal.ZERO;
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    Map<SeriesField, Set<String>> distinct = new HashMap<>();
    question.distinct().forEach(field -> distinct.put(field, new HashSet<>()));
    for (Entry entry : entries) {
      Sample sample = entry.sample();
      BigDecimal volume = new BigDecimal(sample.volume());
      sum = sum.add(volume);
      squares = squares.add(volume.multiply(volume));
      min = Math.min(min, sample.volume());
      max = Math.max(max, sample.volume());
      first = Math.min(first, sample.timestamp());
      last = Math.max(last, sample.timestamp());
      distinct.forEach((field, values) -> values.add(field.of(sample.series())));
    }
    Map<SeriesField, Long> counts = new HashMap<>();
    distinct.forEach(
        (field, values) -> counts.put(field, values.stream().filter(Objects::nonNull).count()));
    double deviation = Double.NaN;
    if (question.hasDeviation()) {
      MathContext fine = new MathContext(400);
      BigDecimal many = BigDecimal.valueOf(entries.size());
      BigDecimal mean = sum.divide(many, fine);
      BigDecimal variance = squares.divide(many, fine).subtract(mean.pow(2));
      deviation = variance.max(BigDecimal.ZERO).sqrt(new MathContext(30)).doubleValue();
    }
    return new Row(entries.size(), min, max, sum, deviation, first, last, counts);
  }

  /** What tells rows of usage apart. */
  record UsageKey(long start, String unit, MeterType type, Map<String, String> group) {}

  /** A row of usage, with a quantity (per microsecond, of a gauge) that is not rounded yet. */
  static final class UsageSum {
    BigDecimal quantity = BigDecimal.ZERO;
    final Set<String> resources = new HashSet<>();
    long samples;
    long covered;
    long gaps;
    long gapTime;
    long longestGap;
    long resets;
  }

  private record Chain(
      String source,
      MeterType type,
      String unit,
      String resource,
      Map<String, String> dimensions) {}

  Map<UsageKey, UsageSum> usage(UsageQuestion question) {
    Map<Chain, List<Entry>> chains = new HashMap<>();
    for (Entry entry : all.values()) {
      if (entry.recordedAt() <= question.asOf()
          && question.filter().equal().entrySet().stream()
              .allMatch(e -> Objects.equals(e.getKey().of(entry.series()), e.getValue()))) {
        Series series = entry.series();
        chains
            .computeIfAbsent(
                new Chain(
                    series.source(),
                    series.type(),
                    series.unit(),
                    series.resourceId(),
                    series.dimensions()),
                chain -> new ArrayList<>())
            .add(entry);
      }
    }
    Map<UsageKey, UsageSum> rows = new HashMap<>();
    chains.forEach((chain, entries) -> usage(question, chain, entries, rows));
    return rows;
  }

  private static final long WEEK = 7 * 24 * 3_600_000_000L;

  private void usage(
      UsageQuestion question, Chain chain, List<Entry> entries, Map<UsageKey, UsageSum> rows) {
    long gap = question.longestGap();
    boolean looksBack =
        chain.type() == MeterType.CUMULATIVE
            && entries.stream()
                .anyMatch(entry -> isWithin(entry, question.start(), question.end()));
    long from = question.start() - (looksBack ? Math.max(gap, WEEK) : gap);
    List<Entry> ordered =
        entries.stream()
            .filter(entry -> isWithin(entry, from, question.end() + gap))
            .sorted(
                Comparator.<Entry>comparingLong(entry -> entry.sample().timestamp())
                    .thenComparingLong(entry -> entry.sample().key())
                    .thenComparing(entry -> String.valueOf(entry.series().projectId()))
                    .thenComparing(entry -> String.valueOf(entry.series().userId())))
            .toList();
    for (int i = 0; i < ordered.size(); i++) {
      Entry entry = ordered.get(i);
      Entry before = i == 0 ? null : ordered.get(i - 1);
      BigDecimal volume = new BigDecimal(entry.sample().volume());
      if (isWithin(entry, question.start(), question.end())) {
        UsageSum row = row(question, chain, entry, entry.sample().timestamp(), rows);
        row.samples++;
        if (chain.type() == MeterType.DELTA) {
          row.quantity = row.quantity.add(volume);
        } else if (chain.type() == MeterType.CUMULATIVE && before != null) {
          BigDecimal growth = volume.subtract(new BigDecimal(before.sample().volume()));
          row.resets += growth.signum() < 0 ? 1 : 0;
          row.quantity =
              row.quantity.add(growth.signum() < 0 ? volume.max(BigDecimal.ZERO) : growth);
        }
      }
      if (before != null) {
        step(question, chain, before, entry, rows);
      }
    }
  }

  private void step(
      UsageQuestion question, Chain chain, Entry a, Entry b, Map<UsageKey, UsageSum> rows) {
    boolean isGauge = chain.type() == MeterType.GAUGE;
    boolean isGap = b.sample().timestamp() - a.sample().timestamp() > question.longestGap();
    boolean isFirst = true;
    for (int i = 0; i + 1 < question.bounds().size(); i++) {
      long begin = Math.max(a.sample().timestamp(), question.bounds().get(i));
      long time = Math.min(b.sample().timestamp(), question.bounds().get(i + 1)) - begin;
      if (time > 0) {
        UsageSum row = row(question, chain, isGauge ? a : b, begin, rows);
        if (isGap) {
          row.gaps += isFirst ? 1 : 0;
          row.gapTime += time;
          row.longestGap = Math.max(row.longestGap, time);
        } else {
          row.covered += time;
          if (isGauge) {
            row.quantity =
                row.quantity.add(
                    new BigDecimal(a.sample().volume()).multiply(BigDecimal.valueOf(time)));
          }
        }
        isFirst = false;
      }
    }
  }

  private static boolean isWithin(Entry entry, long from, long to) {
    return entry.sample().timestamp() >= from && entry.sample().timestamp() < to;
  }

  private UsageSum row(
      UsageQuestion question, Chain chain, Entry owner, long moment, Map<UsageKey, UsageSum> rows) {
    long start = question.bounds().stream().filter(b -> b <= moment).reduce((a, b) -> b).get();
    Map<String, String> group = new HashMap<>();
    question
        .groupBy()
        .forEach((name, field) -> group.put(name, text(field, owner, question.shown())));
    UsageSum row =
        rows.computeIfAbsent(
            new UsageKey(start, chain.unit(), chain.type(), group), key -> new UsageSum());
    row.resources.add(chain.resource());
    return row;
  }

  /** The text by which a sample belongs to a group; null where it has none. */
  private static String text(Field field, Entry entry, BiFunction<Metadata, String, String> shown) {
    if (field instanceof Field.MetadataKey at) {
      String label = entry.series().dimensions().get(at.key());
      return label == null ? shown.apply(entry.sample().metadata(), at.key()) : label;
    }
    return (String) value(field, entry);
  }

  private static Entry newer(Entry a, Entry b) {
    return Comparator.<Entry>comparingLong(entry -> entry.sample().timestamp())
                .thenComparing(Entry::id)
                .compare(a, b)
            > 0
        ? a
        : b;
  }

  private static boolean isOf(SampleFilter filter, Entry entry) {
    for (SeriesField field : filter.equal().keySet()) {
      if (!Objects.equals(field.of(entry.series()), filter.equal().get(field))) {
        return false;
      }
    }
    long timestamp = entry.sample().timestamp();
    return timestamp >= filter.from() && timestamp < filter.to();
  }

  static boolean holds(Condition condition, Entry entry) {
    if (condition instanceof Condition.And and) {
      return and.all().stream().allMatch(one -> holds(one, entry));
    }
    if (condition instanceof Condition.Or or) {
      return or.any().stream().anyMatch(one -> holds(one, entry));
    }
    if (condition instanceof Condition.Not not) {
      return !holds(not.condition(), entry);
    }
    Object value = value(((Condition.Leaf) condition).field(), entry);
    if (value == null) {
      return false;
    }
    if (condition instanceof Condition.In in) {
      return in.values().stream()
          .anyMatch(one -> isComparable(value, one) && compare(value, one) == 0);
    }
    if (condition instanceof Condition.Matches matches) {
      return value instanceof String text
          && Pattern.compile(matches.pattern().toString()).matcher(text).find();
    }
    Condition.Compare compare = (Condition.Compare) condition;
    if (!isComparable(value, compare.value())) {
      return compare.operator() == Condition.Operator.NE;
    }
    int order = compare(value, compare.value());
    return switch (compare.operator()) {
      case EQ -> order == 0;
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case GT -> order > 0;
      case GE -> order >= 0;
    };
  }

  private static boolean isComparable(Object a, Object b) {
    return a instanceof Number ? b instanceof Number : a.getClass() == b.getClass();
  }

  /** Null is before everything; numbers by their exact value. */
  private static int compare(Object a, Object b) {
    if (a == null || b == null) {
      return Boolean.compare(a != null, b != null);
    }
    if (a instanceof Number) {
      return exact(a).compareTo(exact(b));
    }
    return a instanceof String text
        ? text.compareTo((String) b)
        : ((Boolean) a).compareTo((Boolean) b);
  }

  private static BigDecimal exact(Object number) {
    return number instanceof Double d ? new BigDecimal(d) : new BigDecimal(number.toString());
  }

  /** Null where the sample has none. */
  static Object value(Field field, Entry entry) {
    Series series = entry.series();
    if (field instanceof Field.OfSeries of) {
      return switch (of.field()) {
        case METER -> series.meter();
        case RESOURCE_ID -> series.resourceId();
        case PROJECT_ID -> series.projectId();
        case USER_ID -> series.userId();
        case SOURCE -> series.source();
      };
    }
    if (field instanceof Field.MetadataKey at) {
      String dimension = series.dimensions().get(at.key());
      return dimension == null ? entry.flat().get(at.key()) : dimension;
    }
    return switch ((Field.Column) field) {
      case TYPE -> series.type().wireName();
      case UNIT -> series.unit();
      case VOLUME -> entry.sample().volume();
      case TIMESTAMP -> entry.sample().timestamp();
      case RECORDED_AT -> entry.recordedAt() * 1_000_000;
      case MESSAGE_ID -> entry.id();
    };
  }

  static Map<String, Object> flat(Map<String, Object> tree) {
    Map<String, Object> flat = new LinkedHashMap<>();
    tree.forEach((key, value) -> flat(key, value, flat));
    return flat;
  }

  private static void flat(String path, Object value, Map<String, Object> flat) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, inner) -> flat(path + "." + key, inner, flat));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        flat(path + "[" + i + "]", list.get(i), flat);
      }
    } else if (value != null) {
      flat.put(path, value);
    }
  }

  void add(Sample sample, Map<String, Object> tree, long recordedAt) {
    String id = SampleId.of(sample.series(), sample.timestamp(), sample.key());
    Map<String, Object> flat = texts.computeIfAbsent(sample.metadata(), text -> flat(tree));
    trees.put(sample.metadata(), tree);
    all.put(id, new Entry(id, sample, tree, flat, recordedAt));
  }

  /** The text that metadata has at a key, as questions about groups want it. */
  String shown(Metadata metadata, String key) {
    Object value = texts.get(metadata).get(key);
    return value == null ? null : value.toString();
  }

  /** The text that answers over HTTP show of metadata at a key; null where it has none. */
  String python(Metadata metadata, String key) {
    Object at = trees.get(metadata);
    for (String part : key.replace("[", ".[").split("\\.", -1)) {
      if (at instanceof List<?> list && part.startsWith("[")) {
        int i = Integer.parseInt(part.substring(1, part.length() - 1));
        if (i >= list.size()) {
          return null;
        }
        at = list.get(i);
      } else if (at instanceof Map<?, ?> map && map.containsKey(part)) {
        at = map.get(part);
      } else {
        return null;
      }
    }
    return at instanceof Map ? null : python(at, false);
  }

  /** The metadata of a sample as answers over HTTP show it. */
  static Map<String, String> display(Entry entry, boolean withLabels) {
    Map<String, String> shown = new TreeMap<>();
    entry
        .tree()
        .forEach(
            (key, value) -> {
              if (value instanceof Map<?, ?> nested) {
                nested.forEach((inner, at) -> shown.put(key + "." + inner, python(at, false)));
              } else {
                shown.put(key, python(value, false));
              }
            });
    if (withLabels) {
      shown.putAll(entry.series().dimensions());
    }
    return shown;
  }

  private static String python(Object value, boolean isQuoted) {
    if (value instanceof List<?> list) {
      return list.stream().map(one -> python(one, true)).collect(joining(", ", "[", "]"));
    }
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    }
    return isQuoted && value instanceof String ? "'" + value + "'" : value.toString();
  }
}
