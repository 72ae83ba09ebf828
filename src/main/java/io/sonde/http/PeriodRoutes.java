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
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.Route;
import io.sonde.audit.PeriodService;
import io.sonde.audit.PeriodService.Outcome;
import io.sonde.audit.Statement;
import io.sonde.model.UnavailableException;
import io.sonde.store.PeriodStore.Sealed;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code /v2/periods}: billing periods that are sealed, each with a statement of usage that never
 * changes. Administrators seal; a project sees what is stated of it.
 */
final class PeriodRoutes {
  /** A seal may take longer than a client waits; it goes on by itself. */
  private static final long PATIENCE_SECONDS = 20;

  private final PeriodService periods;
  private final BodyReader bodies;
  private final List<String> defaultMeters;
  private final int defaultLimit;

  /**
   * Routes to periods.
   *
   * @param defaultMeters patterns of those that are sealed where none are named
   */
  PeriodRoutes(
      PeriodService periods, BodyReader bodies, List<String> defaultMeters, int defaultLimit) {
    this.periods = periods;
    this.bodies = bodies;
    this.defaultMeters = defaultMeters;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return pathPrefix(
        "periods",
        () ->
            concat(
                pathEndOrSingleSlash(
                    () ->
                        concat(
                            get(() -> Endpoint.listing(this::list)),
                            post(() -> Endpoint.json(this::seal)))),
                pathPrefix(
                    segment(),
                    id ->
                        pathEndOrSingleSlash(
                            () ->
                                get(
                                    () ->
                                        Endpoint.listing(
                                            (request, format) -> show(request, format, id)))))));
  }

  private CompletionStage<HttpResponse> seal(HttpRequest request) {
    String key;
    try {
      Arguments.of(request, Set.of());
      if (Caller.of(request).onlyProject() != null) {
        throw new ApiException(
            StatusCodes.UNAUTHORIZED, "Not Authorized: administrators seal periods");
      }
      SampleIntake.checkType(request);
      key = SampleIntake.idempotencyKey(request);
    } catch (ApiException e) {
      return bodies.refuse(request, e);
    }
    return bodies.read(
        request,
        body -> {
          PeriodRequest asked = PeriodRequest.parse(body, defaultMeters);
          return periods
              .seal(asked.period(), key, asked.question())
              .thenApply(PeriodRoutes::answer)
              .toCompletableFuture()
              .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .exceptionally(
                  failure -> {
                    throw failure instanceof TimeoutException
                        ? new UnavailableException(
                            "The period is being sealed: ask again, the same, for its statement.")
                        : new CompletionException(failure);
                  });
        });
  }

  private static HttpResponse answer(Outcome outcome) {
    return JsonAnswer.of(
            outcome.isNew() ? StatusCodes.CREATED : StatusCodes.OK,
            outcome.statement(),
            PeriodJson::write)
        .addHeader(
            RawHeader.create("Location", "/v2/periods/" + outcome.statement().period().id()));
  }

  private CompletionStage<HttpResponse> list(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, Set.of("limit", Marker.ARGUMENT));
    String onlyProject = Caller.of(request).onlyProject();
    return new Listing<>(format, PeriodJson::writeHead)
        .of(
            request,
            (from, most) ->
                periods
                    .list(from == null ? 0 : from.time(), onlyProject, most + 1)
                    .thenApply(
                        found ->
                            Listing.Page.of(
                                found, most, one -> new Marker(one.sequence(), one.id()))),
            Marker.of(arguments),
            arguments.limit(defaultLimit));
  }

  private CompletionStage<HttpResponse> show(HttpRequest request, ListingFormat format, String id) {
    Arguments.of(request, Set.of());
    String onlyProject = Caller.of(request).onlyProject();
    return periods
        .find(id)
        .thenApply(
            found -> {
              Statement statement =
                  found
                      .filter(one -> isVisible(one.period(), onlyProject))
                      .orElseThrow(
                          () ->
                              new ApiException(
                                  StatusCodes.NOT_FOUND,
                                  "Period " + ApiException.shown(id) + " Not Found"));
              boolean isWhole =
                  onlyProject == null || onlyProject.equals(statement.period().projectId());
              return isWhole
                  ? PeriodJson.answer(statement, format)
                  : PeriodJson.answer(statement.ofProject(onlyProject), format);
            });
  }

  /** What is told of several projects together is nobody's. */
  private static boolean isVisible(Sealed period, String onlyProject) {
    return onlyProject == null
        || onlyProject.equals(period.projectId())
        || (period.projectId() == null && period.groupBy().contains("project_id"));
  }
}
