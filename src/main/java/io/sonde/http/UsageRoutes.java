package io.sonde.http;

import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static io.sonde.http.Presence.isGone;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Route;
import io.sonde.model.SeriesField;
import io.sonde.query.QueryService;
import io.sonde.query.UsageQuestion;
import io.sonde.query.UsageRow;
import java.util.concurrent.CompletionStage;

/** {@code /v2/usage}: how much was used, which is what billing asks. */
final class UsageRoutes {
  private final QueryService queries;

  UsageRoutes(QueryService queries) {
    this.queries = queries;
  }

  Route route() {
    return pathPrefix(
        "usage", () -> pathEndOrSingleSlash(() -> get(() -> Endpoint.listing(this::usage))));
  }

  private CompletionStage<HttpResponse> usage(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, UsageParameters.NAMES);
    AsOf asOf = AsOf.of(arguments);
    UsageQuestion question =
        UsageParameters.parse(arguments, Caller.of(request)).asOf(asOf.second());
    int limit = arguments.limit(Integer.MAX_VALUE);
    Marker marker = Marker.of(arguments);
    QueryService asked = queries.until(isGone(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return asOf.ask(() -> Explanation.of(asked, counting -> counting.usage(question)));
    }
    UsageJson json = new UsageJson(question.filter().equal().get(SeriesField.METER));
    return asOf.ask(() -> asked.usage(question))
        .thenApply(
            rows ->
                new Listing<>(format, json::write)
                    .of(request, rows, UsageRoutes::marker, marker, limit));
  }

  private static Marker marker(UsageRow row) {
    return Marker.ofRow(row.periodStart(), row.unit(), row.type(), row.group().values());
  }
}
