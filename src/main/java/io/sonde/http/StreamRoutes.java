package io.sonde.http;

import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.Route;
import akka.japi.Pair;
import akka.stream.KillSwitches;
import akka.stream.SharedKillSwitch;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.LiveSamples;
import io.sonde.query.LiveStream;
import io.sonde.query.SampleFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** {@code /v2/stream}: samples as they are stored, as server-sent events. */
final class StreamRoutes {
  private static final String METER = "meter";
  private static final Set<String> ARGUMENTS =
      Set.of("q.field", "q.op", "q.value", "q.type", METER);

  /** What a client that reads has, to take the end, before a node that stops cuts it off. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final LiveSamples live;
  private final StreamSettings settings;
  private final SharedKillSwitch end = KillSwitches.shared("streams");

  StreamRoutes(ActorSystem<?> system, LiveSamples live, StreamSettings settings) {
    this.live = live;
    this.settings = settings;
    live.whenClosed()
        .thenRun(
            () ->
                system
                    .scheduler()
                    .scheduleOnce(
                        LAST_WORDS,
                        () -> end.abort(new IllegalStateException("the node is stopping")),
                        system.executionContext()));
  }

  Route route() {
    return pathPrefix(
        "stream", () -> pathEndOrSingleSlash(() -> get(() -> Endpoint.events(this::open))));
  }

  private CompletionStage<HttpResponse> open(HttpRequest request) {
    return live.open(filter(request)).thenApply(stream -> answer(request, stream));
  }

  private static SampleFilter filter(HttpRequest request) {
    Arguments arguments = Arguments.of(request, ARGUMENTS);
    SampleFilter filter =
        QueryParameters.parse(arguments, QueryParameters.Scope.STREAM, Caller.of(request)).filter();
    List<String> meters = arguments.all(METER);
    if (meters.contains("")) {
      throw ApiException.invalidInput(METER, "", "The name of a meter is expected.");
    }
    return meters.isEmpty()
        ? filter
        : filter.and(new Condition.In(Field.METER, new LinkedHashSet<>(meters)));
  }

  private HttpResponse answer(HttpRequest request, LiveStream stream) {
    return HttpResponse.create()
        .withEntity(
            HttpEntities.createChunked(
                MediaTypes.TEXT_EVENT_STREAM.toContentType(), events(stream)))
        .addHeaders(headers(request));
  }

  private Source<ByteString, NotUsed> events(LiveStream stream) {
    return Source.single(EventStream.BEGIN)
        .concat(
            Source.unfoldAsync(
                    stream,
                    open ->
                        open.next().thenApply(next -> next.map(part -> Pair.create(open, part))))
                .map(EventStream::of))
        .keepAlive(settings.heartbeat(), () -> EventStream.HEARTBEAT)
        .via(end.flow())
        .watchTermination(
            (nothing, done) -> {
              done.whenComplete((ended, failure) -> stream.close());
              return nothing;
            });
  }

  private List<HttpHeader> headers(HttpRequest request) {
    List<HttpHeader> headers = new ArrayList<>();
    headers.add(RawHeader.create("Cache-Control", "no-store"));
    // Asks nginx not to gather what must arrive at once.
    headers.add(RawHeader.create("X-Accel-Buffering", "no"));
    String origin = request.getHeader("Origin").map(HttpHeader::value).orElse("");
    List<String> allowed = settings.allowedOrigins();
    if (allowed.contains("*")) {
      headers.add(RawHeader.create("Access-Control-Allow-Origin", "*"));
    } else if (allowed.contains(origin)) {
      headers.add(RawHeader.create("Access-Control-Allow-Origin", origin));
      headers.add(RawHeader.create("Vary", "Origin"));
    }
    return headers;
  }
}
