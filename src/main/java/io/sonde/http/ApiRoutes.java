package io.sonde.http;

import static akka.http.javadsl.server.Directives.complete;
import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.extractRequest;
import static akka.http.javadsl.server.Directives.extractUnmatchedPath;
import static akka.http.javadsl.server.Directives.handleExceptions;
import static akka.http.javadsl.server.Directives.handleRejections;
import static akka.http.javadsl.server.Directives.mapRequest;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.withRequestTimeoutResponse;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.MethodRejection;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.Route;
import io.sonde.model.Door;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All routes together, and the answers to what none of them takes. */
public final class ApiRoutes {
  private ApiRoutes() {}

  /** The routes over these services. */
  public static Route create(
      ActorSystem<?> system,
      HttpSettings settings,
      RemoteWriteSettings remoteWrite,
      StreamSettings stream,
      ApiServices services,
      Clock clock) {
    BodyReader bodies = new BodyReader(system, settings.maxBody(), settings.maxBodies());
    SampleParser parser = new SampleParser(() -> micros(clock), services.refusal());
    SampleIntake intake =
        new SampleIntake(bodies, parser, batch -> services.intake().apply(Door.HTTP, batch));
    int limit = settings.defaultLimit();
    Route v2 =
        concat(
            new MeterRoutes(services.queries(), intake, limit).route(),
            new SampleRoutes(services.queries(), intake, limit).route(),
            new StreamRoutes(system, services.live(), stream).route(),
            new ResourceRoutes(services.queries(), limit).route(),
            new UsageRoutes(services.queries()).route(),
            new ProvenanceRoutes(
                    services.queries(), services.explainer(), services.blocking(), limit)
                .route(),
            new PeriodRoutes(services.periods(), bodies, services.sealedMeters(), limit).route(),
            new EventRoutes(
                    services.events(), new EventIntake(bodies, services.eventIntake()), limit)
                .route(),
            new NotificationRoutes(bodies, services.notifications(), limit).route(),
            new PollingRoutes(services.polling(), limit).route(),
            new ComplexQueryRoutes(services.queries(), bodies, limit).route(),
            new AuditRoutes(services.audit(), limit).route(),
            new PipelineRoutes(services.pipelines(), services.blocking()).route(),
            Capabilities.route());
    RemoteWriteRoutes writes =
        new RemoteWriteRoutes(
            bodies,
            settings.maxBody(),
            remoteWrite,
            services.refusal(),
            batch -> services.intake().apply(Door.REMOTE_WRITE, batch));
    Route api = concat(pathPrefix("v2", () -> v2), writes.route());
    Route all =
        concat(
            pathPrefix("v2", () -> new ClusterRoutes(services.cluster()).route()),
            services.isApi() ? api : notHere(bodies),
            new NodeRoutes(services.unready()).route());
    Route trusting = settings.trustsIdentity() ? mapRequest(Caller::trusted, () -> all) : all;
    return withRequestTimeoutResponse(
        Failures::timeout,
        () -> handleRejections(rejections(), () -> handleExceptions(exceptions(), () -> trusting)));
  }

  /**
   * On a node without the API. Not 404: a sender would give up what it could hand in elsewhere, and
   * a proxy would not try another node.
   */
  private static Route notHere(BodyReader bodies) {
    Route refusal =
        Endpoint.of(
            request ->
                bodies.refuse(
                    request,
                    new ApiException(
                        StatusCodes.SERVICE_UNAVAILABLE,
                        "This node does not have the role api: ask one that has.")));
    return concat(pathPrefix("v2", () -> refusal), pathPrefix("api", () -> refusal));
  }

  private static RejectionHandler rejections() {
    return RejectionHandler.newBuilder()
        .handleAll(MethodRejection.class, ApiRoutes::methodNotAllowed)
        .handleNotFound(
            extractUnmatchedPath(
                path ->
                    complete(
                        JsonAnswer.error(
                            StatusCodes.NOT_FOUND, "Not Found: " + ApiException.shown(path)))))
        .build();
  }

  private static Route methodNotAllowed(List<MethodRejection> rejections) {
    String allowed =
        rejections.stream()
            .map(MethodRejection::supported)
            .map(HttpMethod::value)
            // What GET is for, HEAD is too.
            .flatMap(method -> method.equals("GET") ? Stream.of("GET", "HEAD") : Stream.of(method))
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return complete(
        JsonAnswer.error(
                StatusCodes.METHOD_NOT_ALLOWED, "Method Not Allowed, only " + allowed + ".")
            .addHeader(RawHeader.create("Allow", allowed)));
  }

  private static ExceptionHandler exceptions() {
    return ExceptionHandler.newBuilder()
        .matchAny(failure -> extractRequest(request -> complete(Failures.of(request, failure))))
        .build();
  }

  private static long micros(Clock clock) {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
  }
}
