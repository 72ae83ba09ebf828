package io.sonde.query;

import akka.actor.typed.ActorSystem;
import io.sonde.collector.Collectors;
import io.sonde.collector.ReadRequest.Wants;
import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.query.Reader.Reading;
import io.sonde.series.Columns;
import io.sonde.series.TimeSplit;
import io.sonde.store.QueryStore;
import io.sonde.store.QueryStore.Chunks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Answers questions about stored samples. Every acknowledged sample is seen, once, on every node.
 * The stages fail with {@link io.sonde.model.UnavailableException} when no complete answer can be
 * had.
 */
public class QueryService {
  private static final Comparator<Series> BY_METER =
      Comparator.comparing(Series::meter).thenComparing(Series::resourceId);

  private final Reader reader;
  private final MetadataTexts texts;
  private final Executor blocking;

  /**
   * Answers from these collectors and this database; {@code blocking} runs what waits for the
   * latter.
   */
  public QueryService(
      ActorSystem<?> system, Collectors collectors, QueryStore store, Executor blocking) {
    reader = new Reader(system, collectors, store, blocking);
    texts = new MetadataTexts(store, blocking);
    this.blocking = blocking;
  }

  /** The newest samples that match, newest first. */
  public CompletionStage<List<StoredSample>> samples(SampleFilter filter, int limit) {
    boolean isStopped = filter.metadata().isEmpty();
    return reader
        .read(
            samples(filter, Chunks.NEWEST_FIRST),
            () -> isStopped ? new Found(newest(filter, limit)) : new Found())
        .thenCompose(
            found ->
                evaluator(filter, found)
                    .thenApply(evaluator -> select(found, evaluator, limit))
                    .thenCompose(selected -> describe(selected, found)));
  }

  /** The meters, one for each of a resource's, by name and resource. */
  public CompletionStage<List<Series>> meters(SampleFilter filter, int limit) {
    boolean isPlain = filter.metadata().isEmpty();
    return reader
        .read(
            isPlain
                ? new Reading(filter.series(), filter.time(0), Chunks.NONE, Wants.SERIES)
                : samples(filter, filter.isBounded() ? Chunks.ALL : Chunks.EDGES),
            Found::new)
        .thenCompose(
            found ->
                isPlain
                    ? CompletableFuture.completedStage(found.series())
                    : evaluator(filter, found)
                        .thenApply(evaluator -> newestMatches(found, filter, evaluator)))
        .thenApply(
            series ->
                series.stream()
                    .map(QueryService::withoutDimensions)
                    .distinct()
                    .sorted(BY_METER)
                    .limit(limit)
                    .toList());
  }

  /** The resources, by id. */
  public CompletionStage<List<ResourceView>> resources(SampleFilter filter, int limit) {
    boolean isPlain = filter.metadata().isEmpty() && !filter.isBounded();
    return reader
        .read(samples(filter, isPlain ? Chunks.EDGES : Chunks.ALL), Found::new)
        .thenCompose(
            found ->
                evaluator(filter, found)
                    .thenCompose(
                        evaluator -> {
                          List<Resource> resources = resources(found, evaluator, limit);
                          Set<UUID> ids = new HashSet<>();
                          resources.forEach(resource -> ids.add(resource.metadata));
                          return texts
                              .find(ids, found.metadata())
                              .thenApply(
                                  metadata ->
                                      resources.stream()
                                          .map(resource -> resource.view(metadata))
                                          .toList());
                        }));
  }

  /**
   * Aggregates of the samples that match. Fails with {@link TooLargeException} when it would have
   * too many rows.
   *
   * @param periodSeconds length of the periods, 0 for one that holds all; they begin at the
   *     filter's start or, where it has none, at the first sample that matches
   * @param groupBy fields of the series to be told apart
   */
  public CompletionStage<List<StatisticsRow>> statistics(
      SampleFilter filter, long periodSeconds, List<SeriesField> groupBy) {
    if (periodSeconds == 0 || filter.from() != Long.MIN_VALUE) {
      return aggregate(filter, periodSeconds, groupBy, Statistics::rows);
    }
    return aggregate(filter, 0, List.of(), Statistics::first)
        .thenCompose(
            first ->
                first == Long.MAX_VALUE
                    ? CompletableFuture.completedStage(List.of())
                    : aggregate(
                        filter.startingAt(first), periodSeconds, groupBy, Statistics::rows));
  }

  /**
   * How much was used. Fails with {@link TooLargeException} when it would have too many rows or
   * samples.
   */
  public CompletionStage<List<UsageRow>> usage(UsageQuestion question) {
    long gap = question.longestGap();
    return reader
        .read(
            all(question.filter(), question.start() - gap, question.end() + gap),
            () -> new Usage(question))
        .thenCompose(
            usage ->
                gap < Usage.LOOK_BACK && usage.lacksPredecessors()
                    ? reader.read(
                        all(
                            question.filter(),
                            question.start() - Usage.LOOK_BACK,
                            question.start() - gap),
                        usage::copy)
                    : CompletableFuture.completedStage(usage))
        .thenCompose(
            usage ->
                texts
                    .find(usage.metadataIds(), usage.texts())
                    .thenApplyAsync(usage::rows, blocking));
  }

  private static Reading all(SeriesFilter filter, long from, long to) {
    return new Reading(
        filter, new TimeSplit(from, to, from, 0), Chunks.ALL, Wants.SAMPLES_AND_METADATA);
  }

  private <T> CompletionStage<T> aggregate(
      SampleFilter filter,
      long periodSeconds,
      List<SeriesField> groupBy,
      BiFunction<Statistics, Evaluator, T> answer) {
    boolean isPlain = filter.metadata().isEmpty();
    return reader
        .read(
            new Reading(
                filter.series(),
                filter.time(periodSeconds),
                isPlain ? Chunks.SUMMARIES : Chunks.ALL,
                isPlain ? Wants.SUMMARIES : Wants.SAMPLES_AND_METADATA),
            () -> new Statistics(filter, periodSeconds, groupBy))
        .thenCompose(
            statistics ->
                texts
                    .find(statistics.metadataIds(), statistics.texts())
                    .thenApply(known -> answer.apply(statistics, new Evaluator(filter, known))));
  }

  private static Reading samples(SampleFilter filter, Chunks chunks) {
    return new Reading(filter.series(), filter.time(0), chunks, Wants.SAMPLES_AND_METADATA);
  }

  /**
   * Stops a reading of chunk rows, latest first, once it holds as many samples as are asked for
   * that are all newer than whatever a further row can hold.
   */
  private static Predicate<Columns> newest(SampleFilter filter, int limit) {
    PriorityQueue<Long> newest = new PriorityQueue<>();
    return columns -> {
      if (newest.size() == limit && newest.peek() > columns.timestamp(columns.size() - 1)) {
        return false;
      }
      int end = columns.firstFrom(filter.to());
      for (int i = end - 1; i >= 0 && columns.timestamp(i) >= filter.from(); i--) {
        newest.add(columns.timestamp(i));
        if (newest.size() > limit) {
          newest.remove();
        }
      }
      return true;
    };
  }

  /** Texts of metadata are looked up only where conditions need them. */
  private CompletionStage<Evaluator> evaluator(SampleFilter filter, Found found) {
    Set<UUID> ids = filter.metadata().isEmpty() ? Set.of() : found.metadataIds();
    return texts.find(ids, found.metadata()).thenApply(known -> new Evaluator(filter, known));
  }

  private record Place(Found.Piece piece, int at) {
    private long timestamp() {
      return piece.columns().timestamp(at);
    }

    private String id() {
      return SampleId.of(piece.series(), timestamp(), piece.columns().key(at));
    }
  }

  private static List<Place> select(Found found, Evaluator evaluator, int limit) {
    PriorityQueue<Place> newest = new PriorityQueue<>(Comparator.comparingLong(Place::timestamp));
    for (Found.Piece piece : found.pieces()) {
      for (int i = piece.columns().size() - 1; i >= 0; i--) {
        boolean isFull = newest.size() == limit;
        if (isFull && piece.columns().timestamp(i) <= newest.element().timestamp()) {
          break;
        }
        if (evaluator.matches(piece, i)) {
          newest.add(new Place(piece, i));
          if (isFull) {
            newest.remove();
          }
        }
      }
    }
    List<Place> selected = new ArrayList<>(newest);
    selected.sort(Comparator.comparingLong(Place::timestamp).reversed().thenComparing(Place::id));
    return selected;
  }

  private CompletionStage<List<StoredSample>> describe(List<Place> places, Found found) {
    Set<UUID> ids = new HashSet<>();
    places.forEach(place -> ids.add(place.piece().columns().metadata(place.at())));
    return texts
        .find(ids, found.metadata())
        .thenApply(metadata -> places.stream().map(place -> describe(place, metadata)).toList());
  }

  private static StoredSample describe(Place place, Map<UUID, Metadata> metadata) {
    Columns columns = place.piece().columns();
    int at = place.at();
    return new StoredSample(
        place.id(),
        new Sample(
            place.piece().series(),
            columns.timestamp(at),
            columns.volume(at),
            columns.key(at),
            metadata.get(columns.metadata(at))),
        columns.recorded(at));
  }

  /** Series whose newest sample matches. */
  private static Set<Series> newestMatches(Found found, SampleFilter filter, Evaluator evaluator) {
    Map<Series, Place> newest = new HashMap<>();
    for (Found.Piece piece : found.pieces()) {
      // A piece may reach beyond the time that is asked for.
      int last = piece.columns().firstFrom(filter.to()) - 1;
      if (last >= 0 && piece.columns().timestamp(last) >= filter.from()) {
        newest.merge(
            piece.series(),
            new Place(piece, last),
            (a, b) -> a.timestamp() >= b.timestamp() ? a : b);
      }
    }
    Set<Series> matching = new HashSet<>();
    newest.forEach(
        (series, place) -> {
          if (evaluator.matches(place.piece(), place.at())) {
            matching.add(series);
          }
        });
    return matching;
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

  /** A resource in the making. */
  private static final class Resource {
    private Series newest;
    private UUID metadata;
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;
    private final SortedSet<String> meters = new TreeSet<>();

    private void add(Found.Piece piece, int i) {
      long timestamp = piece.columns().timestamp(i);
      first = Math.min(first, timestamp);
      meters.add(piece.series().meter());
      if (timestamp >= last) {
        last = timestamp;
        newest = piece.series();
        metadata = piece.columns().metadata(i);
      }
    }

    private ResourceView view(Map<UUID, Metadata> texts) {
      return new ResourceView(
          newest.resourceId(),
          newest.projectId(),
          newest.userId(),
          newest.source(),
          texts.get(metadata),
          first,
          last,
          meters);
    }
  }

  private static List<Resource> resources(Found found, Evaluator evaluator, int limit) {
    Map<String, Resource> resources = new HashMap<>();
    for (Found.Piece piece : found.pieces()) {
      for (int i = 0; i < piece.columns().size(); i++) {
        if (evaluator.matches(piece, i)) {
          resources
              .computeIfAbsent(piece.series().resourceId(), id -> new Resource())
              .add(piece, i);
        }
      }
    }
    return resources.values().stream()
        .sorted(Comparator.comparing(resource -> resource.newest.resourceId()))
        .limit(limit)
        .toList();
  }
}
