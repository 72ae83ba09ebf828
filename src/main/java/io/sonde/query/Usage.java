package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.ExactSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Measures usage from samples. What one resource measures is a chain of samples, whatever project
 * or user it belongs to meanwhile; between two samples of a chain lies a step. It is
 *
 * <ul>
 *   <li>of a gauge the time for which the first sample's volume held, and belongs to that sample,
 *   <li>of a cumulative meter the growth, seen with the second sample, and belongs to that one; a
 *       fall is a reset, and the second volume is what grew since,
 *   <li>of a delta the second sample's volume, and belongs to that one.
 * </ul>
 *
 * <p>What a gauge measures holds no longer than its resource exists: the step from the last sample
 * before an end goes to that end. What is measured after it counts nothing.
 *
 * <p>Time steps are cut at the ends of periods. All is added exactly and rounded once, an integral
 * once more when it is turned into hours, so no order of the samples changes a digit, and the error
 * is at most one unit in the last place.
 *
 * <p>Chains are kept compressed while they are read, two to three bytes a sample, and opened one
 * after the other.
 */
final class Usage implements Findings {
  /** How far before the first period the last sample of a counter is looked for. */
  static final long LOOK_BACK = 7 * 24 * 3_600_000_000L;

  private static final long MOST_BYTES = 64 << 20;
  private static final double HOUR = 3_600_000_000.0;

  /** A product of more than this and a time could be beyond the range of doubles. */
  private static final double MOST_VOLUME = 1e280;

  private record Piece(Series series, byte[] payload) {}

  /** What the samples of a resource have in common while its owners change. */
  private record Chain(
      String source,
      MeterType type,
      String unit,
      String resource,
      SortedMap<String, String> dimensions) {

    static Chain of(Series series) {
      return new Chain(
          series.source(), series.type(), series.unit(), series.resourceId(), series.dimensions());
    }
  }

  private record Key(int period, MeterType type, String unit, List<String> values) {}

  private static final class Row {
    private final ExactSum quantity = new ExactSum();
    private String lastResource;
    private long resources;
    private long samples;
    private long covered;
    private long gaps;
    private long gapTime;
    private long longestGap;
    private long resets;
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;
  }

  private final UsageQuestion question;
  private final long[] bounds;
  private final Map<Chain, List<Piece>> chains = new HashMap<>();
  private final Map<UUID, Metadata> texts = new HashMap<>();
  // Of the second reading: the counters whose last sample before the first period is missing.
  private Set<Chain> wanted;
  private long bytes;

  private final Map<Key, Row> rows = new HashMap<>();
  private Map<String, Existence> existences = Map.of();

  Usage(UsageQuestion question) {
    this.question = question;
    this.bounds = question.bounds().stream().mapToLong(Long::longValue).toArray();
  }

  /** The same findings, for a further reading, which may have to begin again. */
  Usage copy() {
    Usage copy = new Usage(question);
    chains.forEach((chain, pieces) -> copy.chains.put(chain, new ArrayList<>(pieces)));
    copy.texts.putAll(texts);
    copy.wanted = wanted;
    copy.bytes = bytes;
    return copy;
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
    Chain chain = Chain.of(series);
    if (wanted != null && !wanted.contains(chain)) {
      return true;
    }
    bytes += payload.length;
    if (bytes > MOST_BYTES) {
      throw new TooLargeException(
          "The samples of this usage take more than " + (MOST_BYTES >> 20) + " MB");
    }
    chains.computeIfAbsent(chain, absent -> new ArrayList<>()).add(new Piece(series, payload));
    return true;
  }

  /**
   * Whether a second reading, of what lies further back, is needed: a counter's growth since its
   * last sample before the first period counts. What is read of other chains is passed over then.
   */
  boolean lacksPredecessors() {
    wanted = new HashSet<>();
    chains.forEach(
        (chain, pieces) -> {
          if (chain.type() == MeterType.CUMULATIVE
              && has(pieces, question.start(), question.end())
              && !has(pieces, question.start() - question.longestGap(), question.start())) {
            wanted.add(chain);
          }
        });
    return !wanted.isEmpty();
  }

  /** Whether any sample lies between two times, the second one exclusive. */
  private boolean has(List<Piece> pieces, long from, long to) {
    for (Piece piece : pieces) {
      Columns columns = ChunkCodec.decode(piece.payload());
      int end = columns.firstFrom(to);
      for (int i = columns.firstFrom(from); i < end; i++) {
        if (columns.recorded(i) <= question.asOf()) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * The samples of which this is made, newest first: those of the question's time, and of each
   * chain the last one before it and the first one after it, as far as these may count.
   */
  List<Hit> samples() {
    List<Hit> used = new ArrayList<>();
    for (Chain chain : chains.keySet()) {
      List<Hit> all = samples(chain);
      int first = 0;
      while (first < all.size() && all.get(first).timestamp() < question.start()) {
        first++;
      }
      int end = first;
      while (end < all.size() && all.get(end).timestamp() < question.end()) {
        end++;
      }
      used.addAll(all.subList(Math.max(0, first - 1), Math.min(all.size(), end + 1)));
      if (used.size() > Selection.MOST_SAMPLES) {
        throw new TooLargeException(
            "The usage is made of more than " + Selection.MOST_SAMPLES + " samples");
      }
    }
    used.sort(Hit.by(List.of(Order.NEWEST)));
    return used;
  }

  /** The ids of the metadata that groups are made of. */
  Set<UUID> metadataIds() {
    Set<UUID> ids = new HashSet<>();
    if (question.groupBy().values().stream().anyMatch(Field.MetadataKey.class::isInstance)) {
      for (List<Piece> pieces : chains.values()) {
        for (Piece piece : pieces) {
          ids.addAll(List.of(ChunkCodec.decode(piece.payload()).metadataIds()));
        }
      }
    }
    return ids;
  }

  /** Metadata that no row may hold yet. */
  Map<UUID, Metadata> texts() {
    return texts;
  }

  /** The resources that have gauges. */
  Set<String> gaugedResources() {
    return chains.keySet().stream()
        .filter(chain -> chain.type() == MeterType.GAUGE)
        .map(Chain::resource)
        .collect(Collectors.toSet());
  }

  /**
   * The rows, by period, group, unit and type.
   *
   * @param known when resources existed, as far as it is known
   */
  List<UsageRow> rows(Map<UUID, Metadata> metadata, Map<String, Existence> known) {
    existences = known;
    List<Chain> ordered = new ArrayList<>(chains.keySet());
    // Each resource's chains one after the other, so that rows can count resources.
    ordered.sort(Comparator.comparing(Chain::resource));
    for (Chain chain : ordered) {
      measure(chain, samples(chain), metadata);
    }
    List<UsageRow> answer = new ArrayList<>();
    rows.forEach((key, row) -> answer.add(row(key, row)));
    answer.sort(
        Comparator.comparingLong(UsageRow::periodStart)
            .thenComparing(row -> row.group().values().toString())
            .thenComparing(UsageRow::unit)
            .thenComparing(UsageRow::type));
    return answer;
  }

  /** The chain's samples in the order of time; that of several at one moment is always the same. */
  private List<Hit> samples(Chain chain) {
    long lookBack =
        chain.type() == MeterType.CUMULATIVE
            ? Math.max(LOOK_BACK, question.longestGap())
            : question.longestGap();
    List<Hit> all = new ArrayList<>();
    for (Piece piece : chains.get(chain)) {
      Columns columns = ChunkCodec.decode(piece.payload());
      long identity = SampleId.identity(piece.series());
      int end = columns.firstFrom(question.end() + question.longestGap());
      for (int i = columns.firstFrom(question.start() - lookBack); i < end; i++) {
        if (columns.recorded(i) <= question.asOf()) {
          all.add(Hit.of(piece.series(), identity, columns, i));
        }
      }
    }
    if (all.stream().noneMatch(hit -> isWithin(hit, question.start(), question.end()))) {
      // Nobody looked further back for it; a chunk may have had more by chance.
      all.removeIf(hit -> hit.timestamp() < question.start() - question.longestGap());
    }
    all.sort(
        Comparator.comparingLong(Hit::timestamp)
            .thenComparingLong(Hit::key)
            .thenComparing(sample -> String.valueOf(sample.series().projectId()))
            .thenComparing(sample -> String.valueOf(sample.series().userId())));
    // The second reading may have come upon the same chunk as the first.
    List<Hit> once = new ArrayList<>(all.size());
    for (Hit sample : all) {
      if (once.isEmpty() || !isSame(sample, once.get(once.size() - 1))) {
        once.add(sample);
      }
    }
    return once;
  }

  private static boolean isWithin(Hit hit, long from, long to) {
    return hit.timestamp() >= from && hit.timestamp() < to;
  }

  private static boolean isSame(Hit one, Hit other) {
    return one.timestamp() == other.timestamp()
        && one.key() == other.key()
        && one.series().equals(other.series());
  }

  private void measure(Chain chain, List<Hit> samples, Map<UUID, Metadata> metadata) {
    boolean isGauge = chain.type() == MeterType.GAUGE;
    Existence existence =
        isGauge ? existences.getOrDefault(chain.resource(), Existence.UNKNOWN) : Existence.UNKNOWN;
    List<String> before = null;
    for (int i = 0; i < samples.size(); i++) {
      Hit sample = samples.get(i);
      Hit previous = i > 0 ? samples.get(i - 1) : null;
      List<String> values = i > 0 && isAlike(sample, previous) ? before : values(sample, metadata);
      if (sample.timestamp() >= question.start() && sample.timestamp() < question.end()) {
        Row row = row(period(sample.timestamp()), chain, values);
        row.samples++;
        row.first = Math.min(row.first, sample.timestamp());
        row.last = Math.max(row.last, sample.timestamp());
        if (chain.type() == MeterType.DELTA) {
          row.quantity.add(sample.volume());
        } else if (chain.type() == MeterType.CUMULATIVE && i > 0) {
          grow(row, previous.volume(), sample.volume());
        }
      }
      if (i > 0) {
        long until = Math.min(sample.timestamp(), existence.until(previous.timestamp()));
        step(chain, previous, until, isGauge ? before : values);
      }
      before = values;
    }
    if (!samples.isEmpty()) {
      Hit last = samples.get(samples.size() - 1);
      long until = existence.until(last.timestamp());
      // Nobody measured any more: without an end it may be only that.
      if (until - last.timestamp() <= question.longestGap()) {
        step(chain, last, until, before);
      }
    }
  }

  /** A reset loses what grew before it, of which nobody knows; it is never negative. */
  private static void grow(Row row, double from, double to) {
    if (to >= from) {
      row.quantity.add(to);
      row.quantity.add(-from);
    } else {
      row.resets++;
      row.quantity.add(Math.max(0, to));
    }
  }

  /** Counts the time from a sample to the next, or to the end, period by period. */
  private void step(Chain chain, Hit from, long to, List<String> values) {
    long begin = Math.max(from.timestamp(), question.start());
    long end = Math.min(to, question.end());
    boolean isGap = to - from.timestamp() > question.longestGap();
    boolean isFirst = true;
    while (begin < end) {
      int period = period(begin);
      long cut = Math.min(end, bounds[period + 1]);
      Row row = row(period, chain, values);
      if (isGap) {
        row.gaps += isFirst ? 1 : 0;
        row.gapTime += cut - begin;
        row.longestGap = Math.max(row.longestGap, cut - begin);
      } else {
        row.covered += cut - begin;
        if (chain.type() == MeterType.GAUGE) {
          integrate(row, from.volume(), cut - begin);
        }
      }
      isFirst = false;
      begin = cut;
    }
  }

  /** Adds the exact product, which takes two doubles: T. J. Dekker's, by fused multiply-add. */
  private static void integrate(Row row, double volume, long micros) {
    if (Math.abs(volume) > MOST_VOLUME) {
      throw new TooLargeException(
          "A volume of " + volume + " cannot be integrated, at most " + MOST_VOLUME + " can");
    }
    double time = (double) micros;
    double product = volume * time;
    row.quantity.add(product);
    row.quantity.add(Math.fma(volume, time, -product));
  }

  private static boolean isAlike(Hit one, Hit other) {
    return one.series().equals(other.series()) && one.metadata().equals(other.metadata());
  }

  private List<String> values(Hit sample, Map<UUID, Metadata> metadata) {
    List<String> values = new ArrayList<>(question.groupBy().size());
    Metadata own = metadata.getOrDefault(sample.metadata(), Metadata.EMPTY);
    question.groupBy().values().forEach(field -> values.add(value(field, sample.series(), own)));
    return values;
  }

  private String value(Field field, Series series, Metadata metadata) {
    if (field instanceof Field.MetadataKey at) {
      String dimension = series.dimensions().get(at.key());
      return dimension == null ? question.shown().apply(metadata, at.key()) : dimension;
    }
    return ((Field.OfSeries) field).field().of(series);
  }

  private int period(long timestamp) {
    int at = Arrays.binarySearch(bounds, timestamp);
    return at >= 0 ? at : -at - 2;
  }

  private Row row(int period, Chain chain, List<String> values) {
    Key key = new Key(period, chain.type(), chain.unit(), values);
    Row row = rows.get(key);
    if (row == null) {
      if (rows.size() == Statistics.MOST_ROWS) {
        throw new TooLargeException(
            "The answer takes more than "
                + Statistics.MOST_ROWS
                + " rows, one for each group and period");
      }
      row = new Row();
      rows.put(key, row);
    }
    if (!chain.resource().equals(row.lastResource)) {
      row.lastResource = chain.resource();
      row.resources++;
    }
    return row;
  }

  private UsageRow row(Key key, Row row) {
    SortedMap<String, String> group = new TreeMap<>();
    int i = 0;
    for (String name : question.groupBy().keySet()) {
      group.put(name, key.values().get(i++));
    }
    double quantity = row.quantity.value();
    return new UsageRow(
        key.type(),
        key.unit(),
        Collections.unmodifiableSortedMap(group),
        bounds[key.period()],
        bounds[key.period() + 1],
        key.type() == MeterType.GAUGE ? quantity / HOUR : quantity,
        row.resources,
        row.samples,
        row.covered,
        row.gaps,
        row.gapTime,
        row.longestGap,
        row.resets,
        row.first,
        row.last);
  }
}
