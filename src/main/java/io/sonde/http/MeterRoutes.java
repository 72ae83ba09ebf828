package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.query.QueryService;
import io.sonde.query.SampleFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code /v2/meters}: which meters there are, the samples and statistics of one, pushes to one. */
final class MeterRoutes {
  private static final Set<String> LIST_ARGUMENTS = names(Set.of("limit", "unique"));
  private static final Set<String> SAMPLE_ARGUMENTS = names(Set.of("limit"));
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
                pathEndOrSingleSlash(() -> get(() -> Endpoint.json(this::list))),
                pathPrefix(segment(), this::oneMeter)));
  }

  private Route oneMeter(String meter) {
    return concat(
        pathEndOrSingleSlash(
            () ->
                concat(
                    get(() -> Endpoint.json(request -> samples(request, meter))),
                    post(() -> Endpoint.json(request -> intake.push(request, meter))))),
        pathPrefix(
            "statistics",
            () ->
                pathEndOrSingleSlash(
                    () -> get(() -> Endpoint.json(request -> statistics(request, meter))))));
  }

  private CompletionStage<HttpResponse> list(HttpRequest request) {
    Arguments arguments = Arguments.of(request, LIST_ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    boolean isUnique = arguments.truth("unique", false);
    SampleFilter filter = filter(request, arguments, QueryParameters.Scope.METERS).filter();
    if (!isUnique) {
      return queries
          .meters(filter, limit)
          .thenApply(all -> JsonAnswer.array(StatusCodes.OK, all, MeterJson::write));
    }
    // The limit counts definitions, of which many series have the same.
    return queries
        .meters(filter, Integer.MAX_VALUE)
        .thenApply(
            all ->
                JsonAnswer.array(StatusCodes.OK, definitions(all, limit), MeterJson::writeUnique));
  }

  private CompletionStage<HttpResponse> samples(HttpRequest request, String meter) {
    Arguments arguments = Arguments.of(request, SAMPLE_ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    ParsedQuery query = filter(request, arguments, QueryParameters.Scope.SAMPLES);
    return queries
        .samples(ofMeter(query.filter(), meter), limit)
        .thenApply(all -> JsonAnswer.array(StatusCodes.OK, all, new SampleJson()::writeOld));
  }

  private CompletionStage<HttpResponse> statistics(HttpRequest request, String meter) {
    Arguments arguments = Arguments.of(request, STATISTICS_ARGUMENTS);
    StatisticsParameters split = StatisticsParameters.parse(arguments);
    ParsedQuery query = filter(request, arguments, QueryParameters.Scope.SAMPLES);
    return queries
        .statistics(ofMeter(query.filter(), meter), split.question())
        .thenApply(
            rows ->
                JsonAnswer.array(
                    StatusCodes.OK,
                    rows.subList(0, Math.min(split.limit(), rows.size())),
                    new StatisticsJson(query, split.aggregates())::write));
  }

  private static ParsedQuery filter(
      HttpRequest request, Arguments arguments, QueryParameters.Scope scope) {
    return QueryParameters.parse(arguments, scope, Caller.of(request));
  }

  /** The path's meter, whatever the parameters say of it. */
  private static SampleFilter ofMeter(SampleFilter filter, String meter) {
    return filter.with(Map.of(SeriesField.METER, meter));
  }

  private static List<Series> definitions(List<Series> all, int limit) {
    Set<List<Object>> seen = new HashSet<>();
    List<Series> definitions = new ArrayList<>();
    for (Series series : all) {
      if (definitions.size() < limit
          && seen.add(List.of(series.meter(), series.type(), series.unit()))) {
        definitions.add(series);
      }
    }
    return definitions;
  }

  private static Set<String> names(Set<String> more) {
    return Stream.concat(QueryParameters.NAMES.stream(), more.stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
