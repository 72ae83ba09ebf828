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
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.QueryService;
import io.sonde.query.SampleFilter;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** {@code /v2/samples}: samples of all meters, asked for and pushed, and one of them. */
final class SampleRoutes {
  private static final Set<String> ARGUMENTS =
      Set.of(
          "q.field",
          "q.op",
          "q.value",
          "q.type",
          "limit",
          Marker.ARGUMENT,
          AsOf.ARGUMENT,
          Explanation.ARGUMENT);

  private final QueryService queries;
  private final SampleIntake intake;
  private final int defaultLimit;

  SampleRoutes(QueryService queries, SampleIntake intake, int defaultLimit) {
    this.queries = queries;
    this.intake = intake;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return pathPrefix(
        "samples",
        () ->
            concat(
                pathEndOrSingleSlash(
                    () ->
                        concat(
                            get(() -> Endpoint.listing(this::list)),
                            post(() -> Endpoint.json(intake::push)))),
                pathPrefix(
                    segment(),
                    id ->
                        pathEndOrSingleSlash(
                            () -> get(() -> Endpoint.json(request -> one(request, id)))))));
  }

  private CompletionStage<HttpResponse> list(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    ParsedQuery query =
        QueryParameters.parse(arguments, QueryParameters.Scope.SAMPLES, Caller.of(request));
    return Listing.ofSamples(
        queries,
        query.filter(),
        AsOf.of(arguments),
        request,
        arguments,
        limit,
        new Listing<>(format, new SampleJson()::write));
  }

  private CompletionStage<HttpResponse> one(HttpRequest request, String id) {
    Arguments.of(request, Set.of());
    SampleFilter filter =
        Caller.of(request).scoped(SampleFilter.of(Condition.equal(Field.Column.MESSAGE_ID, id)));
    return queries
        .until(isGone(request))
        .samples(filter, 1)
        .thenApply(
            found -> {
              if (found.isEmpty()) {
                throw new ApiException(
                    StatusCodes.NOT_FOUND, "Sample " + ApiException.shown(id) + " Not Found");
              }
              return JsonAnswer.of(found.get(0), new SampleJson()::write);
            });
  }
}
