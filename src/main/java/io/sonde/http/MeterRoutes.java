package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static akka.http.javadsl.server.PathMatchers.segment;
import static io.sonde.http.Presence.isGone;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Route;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.query.QueryService;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsRow;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code /v2/meters}: which meters there are, the samples and statistics of one, pushes to one. */
final class MeterRoutes {
  private static final Set<String> LIST_ARGUMENTS =
      names(Set.of("limit", "unique", Marker.ARGUMENT, Explanation.ARGUMENT));
  private static final Set<String> SAMPLE_ARGUMENTS =
      names(Set.of("limit", Marker.ARGUMENT, AsOf.ARGUMENT, Explanation.ARGUMENT));
  private static final Set<String> STATISTICS_ARGUMENTS = names(StatisticsParameters.NAMES);

  private final QueryService queries;
  private final SampleIntake intake;
  private final int defaultLimit;

  MeterRoutes(QueryService queries, SampleIntake intake, int defaultLimit) {
    this.queries = queries;
    this.intake = intake;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return pathPrefix(
        "meters",
        () ->
            concat(
                pathEndOrSingleSlash(() -> get(() -> Endpoint.listing(this::list))),
                pathPrefix(segment(), this::oneMeter)));
  }

  private Route oneMeter(String meter) {
    return concat(
        pathEndOrSingleSlash(
            () ->
                concat(
                    get(
                        () ->
                            Endpoint.listing((request, format) -> samples(request, format, meter))),
                    post(() -> Endpoint.json(request -> intake.push(request, meter))))),
        pathPrefix(
            "statistics",
            () ->
                pathEndOrSingleSlash(
                    () ->
                        get(
                            () ->
                                Endpoint.listing(
                                    (request, format) -> statistics(request, format, meter))))));
  }

  private CompletionStage<HttpResponse> list(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, LIST_ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    boolean isUnique = arguments.truth("unique", false);
    SampleFilter filter = filter(request, arguments, QueryParameters.Scope.METERS).filter();
    Marker marker = Marker.of(arguments);
    QueryService asked = queries.until(isGone(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return Explanation.of(asked, counting -> counting.meters(filter, Listing.first(limit)));
    }
    Listing<Series> listing =
        new Listing<>(format, isUnique ? MeterJson::writeUnique : MeterJson::write);
    return asked
        .meters(filter, Integer.MAX_VALUE)
        .thenCompose(
            all -> {
              // The limit counts definitions, of which many series have the same.
              List<Series> wanted = isUnique ? definitions(all) : all;
              Function<Series, Place> place = isUnique ? Place::ofDefinition : Place::of;
              return listing.of(
                  request,
                  (from, most) -> CompletableFuture.completedStage(page(wanted, place, from, most)),
                  marker,
                  limit);
            });
  }

  private static Listing.Page<Series> page(
      List<Series> all, Function<Series, Place> place, Marker from, int most) {
    int first = 0;
    if (from != null) {
      Place reached = Place.of(from);
      while (first < all.size() && place.apply(all.get(first)).compareTo(reached) <= 0) {
        first++;
      }
    }
    int end = (int) Math.min(all.size(), first + most + 1L);
    return Listing.Page.of(all.subList(first, end), most, series -> place.apply(series).marker());
  }

  /**
   * Where a meter stands in the order of the listing.
   *
   * @param meter its name
   * @param next what decides between meters of this name
   * @param last and between these, unsigned
   */
  private record Place(String meter, String next, long last) implements Comparable<Place> {
    static Place of(Series series) {
      return new Place(series.meter(), series.resourceId(), SampleId.identity(series));
    }

    /** Of a meter as such, of no resource in particular. */
    static Place ofDefinition(Series series) {
      return new Place(series.meter(), series.unit(), series.type().code());
    }

    static Place of(Marker marker) {
      String id = marker.id();
      int colon = id.indexOf(':');
      try {
        int split = colon + 1 + Integer.parseInt(id.substring(0, colon));
        return new Place(id.substring(colon + 1, split), id.substring(split), marker.time());
      } catch (IndexOutOfBoundsException | NumberFormatException e) {
        throw Marker.unknown(marker.text());
      }
    }

    /** Both texts, with the length of the first between. */
    Marker marker() {
      return new Marker(last, meter.length() + ":" + meter + next);
    }

    @Override
    public int compareTo(Place other) {
      int order = meter.compareTo(other.meter);
      order = order == 0 ? next.compareTo(other.next) : order;
      return order == 0 ? Long.compareUnsigned(last, other.last) : order;
    }
  }

  private CompletionStage<HttpResponse> samples(
      HttpRequest request, ListingFormat format, String meter) {
    Arguments arguments = Arguments.of(request, SAMPLE_ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    SampleFilter filter =
        ofMeter(filter(request, arguments, QueryParameters.Scope.SAMPLES).filter(), meter);
    return Listing.ofSamples(
        queries,
        filter,
        AsOf.of(arguments),
        request,
        arguments,
        limit,
        new Listing<>(format, new SampleJson()::writeOld));
  }

  private CompletionStage<HttpResponse> statistics(
      HttpRequest request, ListingFormat format, String meter) {
    Arguments arguments = Arguments.of(request, STATISTICS_ARGUMENTS);
    StatisticsParameters split = StatisticsParameters.parse(arguments);
    ParsedQuery query = filter(request, arguments, QueryParameters.Scope.SAMPLES);
    Marker marker = Marker.of(arguments);
    AsOf asOf = AsOf.of(arguments);
    SampleFilter filter = ofMeter(query.filter(), meter).asOf(asOf.second());
    QueryService asked = queries.until(isGone(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return asOf.ask(
          () -> Explanation.of(asked, counting -> counting.statistics(filter, split.question())));
    }
    Listing<StatisticsRow> listing =
        new Listing<>(format, new StatisticsJson(query, split.aggregates())::write);
    return asOf.ask(() -> asked.statistics(filter, split.question()))
        .thenApply(rows -> listing.of(request, rows, MeterRoutes::marker, marker, split.limit()));
  }

  private static Marker marker(StatisticsRow row) {
    return Marker.ofRow(
        row.periodSeconds() == 0 ? 0 : row.periodStart(), row.unit(), row.group().values());
  }

  private static ParsedQuery filter(
      HttpRequest request, Arguments arguments, QueryParameters.Scope scope) {
    return QueryParameters.parse(arguments, scope, Caller.of(request));
  }

  /** The path's meter, whatever the parameters say of it. */
  private static SampleFilter ofMeter(SampleFilter filter, String meter) {
    return filter.with(Map.of(SeriesField.METER, meter));
  }

  private static List<Series> definitions(List<Series> all) {
    Map<Place, Series> definitions = new TreeMap<>();
    all.forEach(series -> definitions.putIfAbsent(Place.ofDefinition(series), series));
    return List.copyOf(definitions.values());
  }

  private static Set<String> names(Set<String> more) {
    return Stream.concat(QueryParameters.NAMES.stream(), more.stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
