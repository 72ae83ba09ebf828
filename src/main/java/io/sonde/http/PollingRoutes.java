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
import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.Timestamps;
import io.sonde.polling.DiscoveryStatus;
import io.sonde.polling.PollPage;
import io.sonde.polling.PollQuestion;
import io.sonde.polling.PollStatus;
import io.sonde.polling.PollingService;
import io.sonde.polling.PollingService.SourceStatus;
import io.sonde.polling.PollingSource;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * {@code /v2/polling}: what the cluster polls and how it went; and the word to poll now. For
 * administrators, as it is about all projects.
 */
final class PollingRoutes {
  /** Resources that are shown with each source; all are under {@code …/resources}. */
  private static final int SHOWN = 100;

  private final PollingService polling;
  private final int defaultLimit;

  PollingRoutes(PollingService polling, int defaultLimit) {
    this.polling = polling;
    this.defaultLimit = defaultLimit;
  }

  /** A source and the first of its resources. */
  private record Shown(SourceStatus status, PollPage resources) {}

  Route route() {
    return pathPrefix(
        "polling",
        () ->
            concat(
                pathEndOrSingleSlash(() -> get(() -> Endpoint.listing(this::all))),
                pathPrefix(segment(), this::source)));
  }

  private Route source(String name) {
    return concat(
        pathEndOrSingleSlash(
            () ->
                concat(
                    get(() -> Endpoint.json(request -> one(request, name))),
                    post(() -> Endpoint.json(request -> look(request, name))))),
        pathPrefix(
            "resources",
            () ->
                concat(
                    pathEndOrSingleSlash(
                        () ->
                            get(
                                () ->
                                    Endpoint.listing(
                                        (request, format) -> list(request, format, name)))),
                    pathPrefix(segment(), id -> pathEndOrSingleSlash(() -> resource(name, id))))));
  }

  private Route resource(String name, String id) {
    return concat(
        get(() -> Endpoint.json(request -> show(request, name, id))),
        post(() -> Endpoint.json(request -> poll(request, name, id))));
  }

  private CompletionStage<HttpResponse> all(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, Set.of("limit", Marker.ARGUMENT));
    checkCaller(request);
    int limit = arguments.limit(Integer.MAX_VALUE);
    Marker marker = Marker.of(arguments);
    return polling
        .sources()
        .thenCompose(
            sources -> {
              List<CompletableFuture<Shown>> all =
                  sources.stream().map(one -> shown(one).toCompletableFuture()).toList();
              return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
                  .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
            })
        .thenApply(
            all ->
                new Listing<Shown>(format, PollingRoutes::write)
                    .of(
                        request,
                        all,
                        one -> new Marker(0, one.status().source().name()),
                        marker,
                        limit));
  }

  private CompletionStage<Shown> shown(SourceStatus status) {
    return polling
        .page(new PollQuestion(status.source().name(), null, false, null, SHOWN))
        .thenApply(page -> new Shown(status, page));
  }

  private CompletionStage<HttpResponse> one(HttpRequest request, String name) {
    check(request);
    return one(find(name)).thenApply(shown -> JsonAnswer.of(shown, PollingRoutes::write));
  }

  private CompletionStage<Shown> one(PollingSource source) {
    return polling
        .sources()
        .thenCompose(
            all ->
                shown(
                    all.stream()
                        .filter(status -> status.source().equals(source))
                        .findFirst()
                        .orElseThrow()));
  }

  /** 202: what is found is seen when it is there. */
  private CompletionStage<HttpResponse> look(HttpRequest request, String name) {
    check(request);
    PollingSource source = find(name);
    return polling
        .lookNow(source)
        .thenCompose(told -> one(source))
        .thenApply(shown -> JsonAnswer.of(StatusCodes.ACCEPTED, shown, PollingRoutes::write));
  }

  private CompletionStage<HttpResponse> list(
      HttpRequest request, ListingFormat format, String name) {
    Arguments arguments = Arguments.of(request, Set.of("limit", "failing", Marker.ARGUMENT));
    checkCaller(request);
    String source = find(name).name();
    boolean failing = arguments.number("failing", 0) != 0;
    return new Listing<PollStatus>(format, PollingRoutes::write)
        .of(
            request,
            (from, most) ->
                polling
                    .page(
                        new PollQuestion(
                            source, null, failing, from == null ? null : from.id(), most))
                    .thenApply(PollingRoutes::page),
            Marker.of(arguments),
            arguments.limit(defaultLimit));
  }

  private static Listing.Page<PollStatus> page(PollPage found) {
    List<PollStatus> statuses = found.statuses();
    return new Listing.Page<>(
        statuses,
        found.isMore() && !statuses.isEmpty()
            ? new Marker(0, statuses.get(statuses.size() - 1).entityId())
            : null);
  }

  private CompletionStage<HttpResponse> show(HttpRequest request, String name, String id) {
    check(request);
    return polling
        .page(new PollQuestion(find(name).name(), ResourceRoutes.unquoted(id), false, null, SHOWN))
        .thenApply(page -> answer(page.statuses(), id));
  }

  private CompletionStage<HttpResponse> poll(HttpRequest request, String name, String id) {
    check(request);
    return polling
        .pollNow(find(name), ResourceRoutes.unquoted(id))
        .thenApply(statuses -> answer(statuses, id));
  }

  /** An array, as several pollsters may read a resource. */
  private static HttpResponse answer(List<PollStatus> statuses, String id) {
    if (statuses.isEmpty()) {
      throw notFound("Polled resource", id);
    }
    return JsonAnswer.array(StatusCodes.OK, statuses, PollingRoutes::write);
  }

  private PollingSource find(String name) {
    return polling.source(name).orElseThrow(() -> notFound("Polling source", name));
  }

  private static ApiException notFound(String what, String name) {
    return new ApiException(
        StatusCodes.NOT_FOUND, what + " " + ApiException.shown(name) + " Not Found");
  }

  private static void check(HttpRequest request) {
    Arguments.of(request, Set.of());
    checkCaller(request);
  }

  private static void checkCaller(HttpRequest request) {
    if (Caller.of(request).onlyProject() != null) {
      throw new ApiException(
          StatusCodes.UNAUTHORIZED, "Not Authorized: polling is the administrators'");
    }
  }

  private static void write(Shown shown, JsonGenerator out) throws IOException {
    SourceStatus status = shown.status();
    PollingSource source = status.source();
    out.writeStartObject();
    out.writeStringField("name", source.name());
    out.writeNumberField("interval", source.interval().toMillis() / 1e3);
    out.writeNumberField("timeout", source.timeout().toMillis() / 1e3);
    out.writeArrayFieldStart("meters");
    for (String pattern : source.meters()) {
      out.writeString(pattern);
    }
    out.writeEndArray();
    out.writeNumberField("resource_count", status.resources());
    out.writeNumberField("failing_count", status.failing());
    writeTime("last_success", status.lastSuccess(), out);
    out.writeArrayFieldStart("discoveries");
    for (DiscoveryStatus discovery : status.discoveries()) {
      write(discovery, out);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("resources");
    for (PollStatus resource : shown.resources().statuses()) {
      write(resource, out);
    }
    out.writeEndArray();
    out.writeBooleanField("more_resources", shown.resources().isMore());
    out.writeEndObject();
  }

  private static void write(DiscoveryStatus status, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", status.discovery());
    out.writeStringField("host", status.host());
    writeTime("last_look", status.lastLook(), out);
    writeTime("last_success", status.lastSuccess(), out);
    out.writeNumberField("duration", status.durationMillis() / 1e3);
    out.writeNumberField("found", status.found());
    out.writeBooleanField("complete", status.isComplete());
    out.writeNumberField("failures", status.failures());
    out.writeStringField("error", status.error());
    out.writeArrayFieldStart("remarks");
    for (String remark : status.remarks()) {
      out.writeString(remark);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void write(PollStatus status, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("resource_id", status.resourceId());
    out.writeStringField("source", status.source());
    out.writeStringField("discovery", status.discovery());
    out.writeStringField("pollster", status.pollster());
    out.writeStringField("host", status.host());
    writeTime("last_poll", status.lastPoll(), out);
    writeTime("last_success", status.lastSuccess(), out);
    out.writeNumberField("duration", status.durationMillis() / 1e3);
    out.writeNumberField("samples", status.samples());
    out.writeNumberField("failures", status.failures());
    out.writeStringField("error", status.error());
    out.writeEndObject();
  }

  private static void writeTime(String name, long millis, JsonGenerator out) throws IOException {
    out.writeStringField(
        name, millis == 0 ? null : Timestamps.format(TimeUnit.MILLISECONDS.toMicros(millis)));
  }
}
