package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.path;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.PathMatchers.segment;
import static io.sonde.http.Presence.isGone;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import io.sonde.model.EventFilter;
import io.sonde.model.SeriesField;
import io.sonde.query.QueryService;
import io.sonde.query.ResourceView;
import io.sonde.query.SampleFilter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** {@code /v2/resources}: what is measured. */
final class ResourceRoutes {
  private static final Set<String> LIST_ARGUMENTS =
      Set.of(
          "q.field",
          "q.op",
          "q.value",
          "q.type",
          "limit",
          "meter_links",
          Marker.ARGUMENT,
          Explanation.ARGUMENT);

  private final QueryService queries;
  private final int defaultLimit;

  ResourceRoutes(QueryService queries, int defaultLimit) {
    this.queries = queries;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return pathPrefix(
        "resources",
        () ->
            concat(
                pathEndOrSingleSlash(() -> get(() -> Endpoint.listing(this::list))),
                pathPrefix(
                    segment(),
                    id ->
                        concat(
                            pathEndOrSingleSlash(
                                () -> get(() -> Endpoint.json(request -> one(request, id)))),
                            path(
                                "intervals",
                                () ->
                                    get(
                                        () ->
                                            Endpoint.listing(
                                                (request, format) ->
                                                    intervals(request, format, id))))))));
  }

  private CompletionStage<HttpResponse> list(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, LIST_ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    boolean hasMeterLinks = arguments.number("meter_links", 1) != 0;
    ParsedQuery query =
        QueryParameters.parse(arguments, QueryParameters.Scope.RESOURCES, Caller.of(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return Explanation.of(
          queries.until(isGone(request)),
          counting -> counting.resources(query.filter(), Listing.first(limit)));
    }
    ResourceJson json = new ResourceJson(NodeRoutes.host(request), hasMeterLinks);
    return new Listing<>(format, json::write)
        .of(
            request,
            (from, most) -> page(request, query.filter(), from, most),
            Marker.of(arguments),
            limit);
  }

  private CompletionStage<Listing.Page<ResourceView>> page(
      HttpRequest request, SampleFilter filter, Marker from, int most) {
    return queries
        .until(isGone(request))
        .resources(filter, from == null ? null : from.id(), most + 1)
        .thenApply(found -> Listing.Page.of(found, most, one -> new Marker(0, one.resourceId())));
  }

  private CompletionStage<HttpResponse> one(HttpRequest request, String segment) {
    Arguments.of(request, Set.of());
    String id = unquoted(segment);
    SampleFilter filter =
        Caller.of(request).scoped(SampleFilter.ALL.with(Map.of(SeriesField.RESOURCE_ID, id)));
    ResourceJson json = new ResourceJson(NodeRoutes.host(request), true);
    return queries
        .until(isGone(request))
        .resources(filter, 1)
        .thenApply(found -> JsonAnswer.of(some(found, id).get(0), json::write));
  }

  private CompletionStage<HttpResponse> intervals(
      HttpRequest request, ListingFormat format, String segment) {
    Arguments arguments = Arguments.of(request, Set.of("limit", Marker.ARGUMENT));
    int limit = arguments.limit(Integer.MAX_VALUE);
    Marker marker = Marker.of(arguments);
    String id = unquoted(segment);
    Caller caller = Caller.of(request);
    return queries
        .until(isGone(request))
        .intervals(
            id,
            caller.scoped(SampleFilter.ALL.with(Map.of(SeriesField.RESOURCE_ID, id))),
            EventParameters.scoped(EventFilter.ALL, caller))
        .thenApply(
            found ->
                new Listing<>(format, ResourceJson::writeInterval)
                    .of(
                        request,
                        some(found, id),
                        one -> Marker.ofRow(one.begin(), one.end(), one.state(), one.begunBy()),
                        marker,
                        limit));
  }

  /** What was found of a resource, which is something. */
  private static <T> List<T> some(List<T> found, String id) {
    if (found.isEmpty()) {
      throw new ApiException(
          StatusCodes.NOT_FOUND, "Resource " + ApiException.shown(id) + " Not Found");
    }
    return found;
  }

  /**
   * Decodes an id once more than the path is: clients of the original send a slash as {@code
   * %252F}, since its server could not take {@code %2F}. An id that is not encoded twice stays as
   * it is, unless it holds a percent sign with two digits.
   */
  static String unquoted(String id) {
    try {
      return URLDecoder.decode(id.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return id;
    }
  }
}
