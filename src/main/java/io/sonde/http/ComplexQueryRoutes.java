package io.sonde.http;

import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static io.sonde.http.Presence.isGone;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Route;
import io.sonde.query.QueryService;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** {@code /v2/query/samples}: samples by a filter with {@code and}, {@code or} and {@code not}. */
final class ComplexQueryRoutes {
  private final QueryService queries;
  private final BodyReader bodies;
  private final int defaultLimit;

  ComplexQueryRoutes(QueryService queries, BodyReader bodies, int defaultLimit) {
    this.queries = queries;
    this.bodies = bodies;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return pathPrefix(
        "query",
        () ->
            pathPrefix(
                "samples",
                () -> pathEndOrSingleSlash(() -> post(() -> Endpoint.listing(this::samples)))));
  }

  private CompletionStage<HttpResponse> samples(HttpRequest request, ListingFormat format) {
    try {
      Arguments.of(request, Set.of());
      SampleIntake.checkType(request);
    } catch (ApiException e) {
      return bodies.refuse(request, e);
    }
    Caller caller = Caller.of(request);
    return bodies.read(
        request,
        body -> {
          ComplexQuery query = ComplexQuery.parse(body, caller, defaultLimit);
          return queries
              .until(isGone(request))
              .samples(query.filter(), query.orders(), query.limit())
              .thenApply(new Listing<>(format, new SampleJson()::write)::of);
        });
  }
}
