package io.sonde.query;

import akka.actor.typed.ActorSystem;
import io.sonde.collector.Collectors;
import io.sonde.collector.ReadRequest.Wants;
import io.sonde.model.EventFilter;
import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.query.Reader.Reading;
import io.sonde.series.TimeSplit;
import io.sonde.store.QueryStore;
import io.sonde.store.QueryStore.Chunks;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Answers questions about stored samples. Every acknowledged sample is seen, once, on every node.
 * The stages fail with {@link io.sonde.model.UnavailableException} when no complete answer can be
 * had.
 */
public class QueryService {
  /** By what names a place in the order shortly; no two meters have the same. */
  private static final Comparator<Series> BY_METER =
      Comparator.comparing(Series::meter)
          .thenComparing(Series::resourceId)
          .thenComparing(SampleId::identity, Long::compareUnsigned);

  private final Reader reader;
  private final MetadataTexts texts;
  private final LifecycleService lifecycles;
  private final Executor blocking;

  /**
   * Answers from these collectors and this database; {@code blocking} runs what waits for the
   * latter.
   *
   * @param lifecycles says when resources existed
   */
  public QueryService(
      ActorSystem<?> system,
      Collectors collectors,
      QueryStore store,
      LifecycleService lifecycles,
      Executor blocking) {
    this(
        new Reader(system, collectors, store, blocking),
        new MetadataTexts(store, blocking),
        lifecycles,
        blocking);
  }

  private QueryService(
      Reader reader, MetadataTexts texts, LifecycleService lifecycles, Executor blocking) {
    this.reader = reader;
    this.texts = texts;
    this.lifecycles = lifecycles;
    this.blocking = blocking;
  }

  /** The same that counts what its answers cost. */
  public QueryService counting(Costs costs) {
    return new QueryService(reader.counting(costs), texts, lifecycles, blocking);
  }

  /**
   * The same for somebody who may be gone before there is an answer: then reading ends, and the
   * stages fail with {@link java.util.concurrent.CancellationException}.
   */
  public QueryService until(BooleanSupplier isGone) {
    return new QueryService(reader.until(isGone), texts, lifecycles, blocking);
  }

  /** The newest samples that match, newest first. */
  public CompletionStage<List<StoredSample>> samples(SampleFilter filter, int limit) {
    return samples(filter, List.of(Order.NEWEST), limit);
  }

  /**
   * The newest samples that match, newest first and then by id, from behind a place on.
   *
   * @param after the last one that is not wanted any more, or null
   */
  public CompletionStage<List<StoredSample>> samples(
      SampleFilter filter, SampleId.Place after, int limit) {
    if (after == null) {
      return samples(filter, limit);
    }
    return select(filter.until(after.timestamp()), List.of(Order.NEWEST), Hit.at(after), limit);
  }

  /**
   * The first samples that match, in an order; of those that it leaves equal the newest first, then
   * by id. Fails with {@link TooLargeException} when that would be too many.
   */
  public CompletionStage<List<StoredSample>> samples(
      SampleFilter filter, List<Order> orders, int limit) {
    return select(filter, orders, null, limit);
  }

  /**
   * The same from behind a sample on.
   *
   * @param after the last one that is not wanted any more, as an answer in this order gave it
   */
  public CompletionStage<List<StoredSample>> samples(
      SampleFilter filter, List<Order> orders, StoredSample after, int limit) {
    SampleFilter rest =
        Selection.isNewestFirst(orders) ? filter.until(after.sample().timestamp()) : filter;
    return select(rest, orders, Hit.at(after), limit);
  }

  private CompletionStage<List<StoredSample>> select(
      SampleFilter filter, List<Order> orders, Hit after, int limit) {
    Chunks chunks = Selection.isNewestFirst(orders) ? Chunks.NEWEST_FIRST : Chunks.ALL;
    return ask(
        Narrowing.of(filter).limit(limit),
        asked ->
            located(filter, asked)
                .thenCompose(
                    where ->
                        where == null
                            ? CompletableFuture.completedStage(List.of())
                            : asked
                                .read(
                                    samples(where, chunks),
                                    () -> new Selection(where, orders, after, limit, texts))
                                .thenCompose(Selection::end)));
  }

  /** Asks a question, whose time begins now. */
  private <T> CompletionStage<T> ask(
      Narrowing narrowing, Function<Reader, CompletionStage<T>> question) {
    return narrowing.advise(question.apply(reader.begun()));
  }

  /**
   * A filter that asks for one id, narrowed to the series and the moment that the id tells; null
   * where no sample has such an id. Others stay as they are.
   */
  private static CompletionStage<SampleFilter> located(SampleFilter filter, Reader asked) {
    if (filter.id() == null) {
      return CompletableFuture.completedStage(filter);
    }
    SampleId.Place place = SampleId.parse(filter.id());
    if (place == null || place.timestamp() == Long.MAX_VALUE) {
      return CompletableFuture.completedStage(null);
    }
    SampleFilter then = filter.at(place.timestamp());
    return asked
        .read(
            new Reading(
                then.series(), then.time(0), Chunks.NONE, Wants.SERIES, then.recordedUntil()),
            FoundSeries::new)
        .thenApply(
            found -> {
              List<Series> named =
                  found.all().stream()
                      .filter(series -> SampleId.identity(series) == place.identity())
                      .toList();
              if (named.size() > 1) {
                return then;
              }
              return named.isEmpty() ? null : then.with(fields(named.get(0)));
            });
  }

  private static Map<SeriesField, String> fields(Series series) {
    Map<SeriesField, String> fields = new EnumMap<>(SeriesField.class);
    for (SeriesField field : SeriesField.values()) {
      fields.put(field, field.of(series));
    }
    return fields;
  }

  /** The meters, one for each of a resource's, by name, resource and {@link SampleId#identity}. */
  public CompletionStage<List<Series>> meters(SampleFilter filter, int limit) {
    boolean isPlain = filter.rest().equals(Condition.And.TRUE);
    return ask(
        Narrowing.of(filter),
        asked ->
            (isPlain
                    ? asked
                        .read(
                            new Reading(
                                filter.series(),
                                filter.time(0),
                                Chunks.NONE,
                                Wants.SERIES,
                                filter.recordedUntil()),
                            FoundSeries::new)
                        .thenApply(FoundSeries::all)
                    : asked
                        .read(
                            samples(filter, filter.isBounded() ? Chunks.ALL : Chunks.EDGES),
                            () -> new NewestSamples(filter))
                        .thenCompose(newest -> newest.matching(texts)))
                .thenApply(matching -> listed(matching, limit)));
  }

  private static List<Series> listed(Set<Series> matching, int limit) {
    return matching.stream()
        .map(QueryService::withoutDimensions)
        .distinct()
        .sorted(BY_METER)
        .limit(limit)
        .toList();
  }

  /** The resources, by id. */
  public CompletionStage<List<ResourceView>> resources(SampleFilter filter, int limit) {
    return resources(filter, null, limit);
  }

  /**
   * The resources, by id, from behind one on.
   *
   * @param after the id of the last one that is not wanted any more, or null
   */
  public CompletionStage<List<ResourceView>> resources(
      SampleFilter filter, String after, int limit) {
    boolean isPlain = filter.rest().equals(Condition.And.TRUE) && !filter.isBounded();
    return ask(
        Narrowing.of(filter).limit(limit),
        asked ->
            asked
                .read(
                    samples(filter, isPlain ? Chunks.EDGES : Chunks.ALL),
                    () -> new Resources(filter, after, limit, texts))
                .thenCompose(Resources::end));
  }

  /**
   * Aggregates of the samples that match. Fails with {@link TooLargeException} when it would have
   * too many rows.
   */
  public CompletionStage<List<StatisticsRow>> statistics(
      SampleFilter filter, StatisticsQuestion question) {
    return ask(
        Narrowing.of(filter).groups(question.periodSeconds(), question.groupBy().keySet()),
        asked ->
            located(filter, asked)
                .thenCompose(
                    where ->
                        where == null
                            ? CompletableFuture.completedStage(List.of())
                            : summedUp(where, question, asked)));
  }

  private CompletionStage<List<StatisticsRow>> summedUp(
      SampleFilter filter, StatisticsQuestion question, Reader asked) {
    if (question.periodSeconds() == 0 || filter.from() != Long.MIN_VALUE) {
      return aggregate(filter, question, asked, Statistics::rows);
    }
    return aggregate(filter, question.whole(), asked, Statistics::first)
        .thenCompose(
            first ->
                first == Long.MAX_VALUE
                    ? CompletableFuture.completedStage(List.of())
                    : aggregate(filter.startingAt(first), question, asked, Statistics::rows));
  }

  /**
   * When a resource existed, in the order of time: what was told of it; else that it was measured.
   * Nothing where neither is so.
   *
   * @param samples which samples may be looked at, those of the resource only
   * @param events which events may be looked at
   */
  public CompletionStage<List<Interval>> intervals(
      String resource, SampleFilter samples, EventFilter events) {
    return Narrowing.of(events)
        .advise(lifecycles.intervals(resource, events, reader.begun().budget()))
        .thenCompose(
            told ->
                told.isEmpty()
                    ? resources(samples, null, 1)
                        .thenApply(found -> found.stream().map(Interval::measured).toList())
                    : CompletableFuture.completedStage(told));
  }

  /**
   * How much was used. Fails with {@link TooLargeException} when it would have too many rows or
   * samples.
   */
  public CompletionStage<List<UsageRow>> usage(UsageQuestion question) {
    return ask(
        Narrowing.of(question.filter(), question.start(), question.end())
            .groups(0, question.groupBy().keySet()),
        asked -> usage(question, asked));
  }

  /**
   * The samples that usage is made of, newest first: those of its time, and the nearest ones before
   * and after that count. Fails with {@link TooLargeException} when these are too many.
   */
  public CompletionStage<List<StoredSample>> usedSamples(UsageQuestion question) {
    return ask(
        Narrowing.of(question.filter(), question.start(), question.end()),
        asked ->
            read(question, asked)
                .thenCompose(
                    usage -> {
                      List<Hit> hits = usage.samples();
                      Set<UUID> ids = new HashSet<>();
                      hits.forEach(hit -> ids.add(hit.metadata()));
                      return texts
                          .find(ids, usage.texts())
                          .thenApply(
                              known -> hits.stream().map(hit -> hit.describe(known)).toList());
                    }));
  }

  private CompletionStage<List<UsageRow>> usage(UsageQuestion question, Reader asked) {
    return read(question, asked)
        .thenCompose(
            usage ->
                texts
                    .find(usage.metadataIds(), usage.texts())
                    .thenCombineAsync(
                        lifecycles.existences(
                            usage.gaugedResources(), question.asOf(), asked.budget()),
                        usage::rows,
                        blocking));
  }

  private CompletionStage<Usage> read(UsageQuestion question, Reader asked) {
    long gap = question.longestGap();
    return asked
        .read(
            all(question, question.start() - gap, question.end() + gap), () -> new Usage(question))
        .thenCompose(
            usage ->
                gap < Usage.LOOK_BACK && usage.lacksPredecessors()
                    ? asked.read(
                        all(question, question.start() - Usage.LOOK_BACK, question.start() - gap),
                        usage::copy)
                    : CompletableFuture.completedStage(usage));
  }

  private static Reading all(UsageQuestion question, long from, long to) {
    return new Reading(
        question.filter(),
        new TimeSplit(from, to, from, 0),
        Chunks.ALL,
        Wants.SAMPLES_AND_METADATA,
        question.asOf());
  }

  private <T> CompletionStage<T> aggregate(
      SampleFilter filter,
      StatisticsQuestion question,
      Reader asked,
      BiFunction<Statistics, Map<UUID, Metadata>, T> answer) {
    boolean isPlain = filter.isPlain() && question.isPlain();
    long recordedUntil = filter.recordedUntil();
    return asked
        .read(
            new Reading(
                filter.series(),
                filter.time(question.periodSeconds()),
                isPlain ? Chunks.SUMMARIES : Chunks.ALL,
                isPlain && recordedUntil == Long.MAX_VALUE
                    ? Wants.SUMMARIES
                    : Wants.SAMPLES_AND_METADATA,
                recordedUntil),
            () -> new Statistics(filter, question))
        .thenCompose(
            statistics ->
                texts
                    .find(statistics.metadataIds(), statistics.texts())
                    .thenApply(known -> answer.apply(statistics, known)));
  }

  private static Reading samples(SampleFilter filter, Chunks chunks) {
    return new Reading(
        filter.series(),
        filter.time(0),
        chunks,
        Wants.SAMPLES_AND_METADATA,
        filter.recordedUntil());
  }

  private static Series withoutDimensions(Series series) {
    return series.dimensions().isEmpty()
        ? series
        : new Series(
            series.source(),
            series.meter(),
            series.type(),
            series.unit(),
            series.resourceId(),
            series.projectId(),
            series.userId(),
            Series.NO_DIMENSIONS);
  }
}
