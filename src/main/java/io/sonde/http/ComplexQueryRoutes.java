package io.sonde.http;

import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static io.sonde.http.Presence.isGone;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Route;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.Order;
import io.sonde.query.QueryService;
import io.sonde.query.StoredSample;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** {@code /v2/query/samples}: samples by a filter with {@code and}, {@code or} and {@code not}. */
final class ComplexQueryRoutes {
  private static final Set<String> ARGUMENTS =
      Set.of(Marker.ARGUMENT, AsOf.ARGUMENT, Explanation.ARGUMENT);

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
    Arguments arguments;
    try {
      arguments = Arguments.of(request, ARGUMENTS);
      SampleIntake.checkType(request);
    } catch (ApiException e) {
      return bodies.refuse(request, e);
    }
    Caller caller = Caller.of(request);
    return bodies.read(
        request,
        body -> {
          ComplexQuery query = ComplexQuery.parse(body, caller, defaultLimit);
          AsOf asOf = AsOf.of(arguments);
          Listing<StoredSample> listing = new Listing<>(format, new SampleJson()::write);
          return query.orders().equals(List.of(Order.NEWEST))
              ? Listing.ofSamples(
                  queries, query.filter(), asOf, request, arguments, query.limit(), listing)
              : ordered(request, arguments, query.asOf(asOf.second()), asOf, listing);
        });
  }

  private CompletionStage<HttpResponse> ordered(
      HttpRequest request,
      Arguments arguments,
      ComplexQuery query,
      AsOf asOf,
      Listing<StoredSample> listing) {
    QueryService service = queries.until(isGone(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return asOf.ask(
          () ->
              Explanation.of(
                  service,
                  counting ->
                      counting.samples(
                          query.filter(), query.orders(), Listing.first(query.limit()))));
    }
    Marker marker = Marker.of(arguments);
    Marker.place(marker);
    if (query.limit() > Listing.PAGE) {
      // Each page would have to read everything.
      return asOf.ask(() -> page(service, query, marker, query.limit())).thenApply(listing::of);
    }
    return asOf.ask(
        () ->
            listing.of(
                request,
                (from, most) ->
                    page(service, query, from, most + 1)
                        .thenApply(found -> Listing.Page.of(found, most, Marker::of)),
                marker,
                query.limit()));
  }

  /** The sample that a marker names says where it stands in the order. */
  private static CompletionStage<List<StoredSample>> page(
      QueryService asked, ComplexQuery query, Marker from, int most) {
    return from == null
        ? asked.samples(query.filter(), query.orders(), most)
        : asked
            .samples(query.filter().and(Condition.equal(Field.Column.MESSAGE_ID, from.id())), 1)
            .thenCompose(
                named -> {
                  if (named.isEmpty()) {
                    throw Marker.unknown(from.text());
                  }
                  return asked.samples(query.filter(), query.orders(), named.get(0), most);
                });
  }
}
