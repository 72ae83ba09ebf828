package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.PathMatchers.segment;
import static io.sonde.http.Presence.isGone;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;
import io.sonde.audit.Explained;
import io.sonde.audit.Explainer;
import io.sonde.model.SampleId;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.QueryService;
import io.sonde.query.SampleFilter;
import io.sonde.query.StoredSample;
import io.sonde.query.UsageQuestion;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * {@code /v2/audit/late}, {@code /v2/audit/samples/ID}, {@code /v2/audit/usage}: which samples made
 * the difference of two answers, where a sample comes from, of which samples a figure was made.
 */
final class ProvenanceRoutes {
  private static final String AFTER = "after";
  private static final String UNTIL = "until";
  private static final Set<String> LATE_ARGUMENTS =
      Set.of(
          "q.field",
          "q.op",
          "q.value",
          "q.type",
          AFTER,
          UNTIL,
          "limit",
          Marker.ARGUMENT,
          Explanation.ARGUMENT);

  private final QueryService queries;
  private final Explainer explainer;
  private final Executor blocking;
  private final int defaultLimit;

  /** {@code blocking} runs what waits for the database. */
  ProvenanceRoutes(QueryService queries, Explainer explainer, Executor blocking, int defaultLimit) {
    this.queries = queries;
    this.explainer = explainer;
    this.blocking = blocking;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return pathPrefix(
        "audit",
        () ->
            concat(
                pathPrefix(
                    "late",
                    () -> pathEndOrSingleSlash(() -> get(() -> Endpoint.listing(this::late)))),
                pathPrefix(
                    PathMatchers.segment("samples").slash(segment()),
                    id ->
                        pathEndOrSingleSlash(
                            () -> get(() -> Endpoint.json(request -> sample(request, id))))),
                pathPrefix(
                    "usage",
                    () -> pathEndOrSingleSlash(() -> get(() -> Endpoint.listing(this::usage))))));
  }

  private CompletionStage<HttpResponse> sample(HttpRequest request, String id) {
    Arguments.of(request, Set.of());
    Caller caller = Caller.of(request);
    SampleFilter filter =
        caller.scoped(SampleFilter.of(Condition.equal(Field.Column.MESSAGE_ID, id)));
    return queries
        .until(isGone(request))
        .samples(filter, 1)
        .thenApplyAsync(
            found -> {
              if (found.isEmpty()) {
                throw new ApiException(
                    StatusCodes.NOT_FOUND, "Sample " + ApiException.shown(id) + " Not Found");
              }
              Explained explained = explainer.explain(SampleId.parse(id));
              return JsonAnswer.of(
                  found.get(0),
                  (sample, out) ->
                      ExplainedJson.write(
                          sample, explained, series -> caller.maySee(series.projectId()), out));
            },
            blocking);
  }

  /** The samples that usage is made of, each once, newest first. */
  private CompletionStage<HttpResponse> usage(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, UsageParameters.NAMES);
    AsOf asOf = AsOf.of(arguments);
    UsageQuestion question =
        UsageParameters.parse(arguments, Caller.of(request)).asOf(asOf.second());
    int limit = arguments.limit(defaultLimit);
    Marker marker = Marker.of(arguments);
    QueryService asked = queries.until(isGone(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return asOf.ask(() -> Explanation.of(asked, counting -> counting.usedSamples(question)));
    }
    Listing<StoredSample> listing = new Listing<>(format, new SampleJson()::write);
    return asOf.ask(() -> asked.usedSamples(question))
        .thenApply(samples -> listing.of(request, samples, Marker::of, marker, limit));
  }

  /** What a question as of the second moment counts and one as of the first does not. */
  private CompletionStage<HttpResponse> late(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, LATE_ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    if (arguments.one(AFTER) == null) {
      throw ApiException.invalidInput(AFTER, null, "Mandatory field missing.");
    }
    long after = AsOf.second(AFTER, arguments.one(AFTER), 0);
    AsOf until = new AsOf(AsOf.second(UNTIL, arguments.one(UNTIL), Long.MAX_VALUE));
    if (until.second() <= after) {
      throw ApiException.invalidInput(
          UNTIL, arguments.one(UNTIL), "a time after " + AFTER + " is expected");
    }
    SampleFilter filter =
        QueryParameters.parse(arguments, QueryParameters.Scope.SAMPLES, Caller.of(request))
            .filter()
            .recordedAfter(after);
    return Listing.ofSamples(
        queries,
        filter,
        until,
        request,
        arguments,
        limit,
        new Listing<>(format, new SampleJson()::write));
  }
}
