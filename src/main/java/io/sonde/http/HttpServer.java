package io.sonde.http;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.Uri;
import akka.http.javadsl.model.headers.Host;
import akka.http.javadsl.model.headers.ProductVersion;
import akka.http.javadsl.model.headers.Server;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.settings.ParserSettings;
import akka.http.javadsl.settings.ServerSettings;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Listens for HTTP until the actor system's coordinated shutdown. */
public final class HttpServer {
  private static final Duration AT_ONCE = Duration.ofMillis(500);

  private HttpServer() {}

  /**
   * Binds the routes.
   *
   * @return the address that was bound, with the real port where 0 was asked for; fails with a
   *     {@link CannotListenException} when it cannot be had
   */
  public static CompletionStage<InetSocketAddress> bind(
      ActorSystem<?> system, HttpSettings settings, Route route) {
    return Http.get(system)
        .newServerAt(settings.host(), settings.port())
        .withSettings(serverSettings(system, settings))
        .bindFlow(Presence.watched(route.handler(system)))
        .handle(
            (binding, failure) -> {
              if (failure != null) {
                throw new CannotListenException(
                    settings.host(), settings.port(), reason(failure), failure);
              }
              stopInOrder(system, binding, settings.shutdownDeadline());
              return binding.localAddress();
            });
  }

  /** A node that stops answers what it was asked; one that has lost its cluster cannot. */
  private static void stopInOrder(ActorSystem<?> system, ServerBinding binding, Duration deadline) {
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseServiceUnbind(),
        "http-unbind",
        () -> binding.unbind().thenApply(done -> Done.done()));
    shutdown.addTask(
        CoordinatedShutdown.PhaseServiceRequestsDone(),
        "http-terminate",
        () -> {
          boolean isStop =
              shutdown
                  .getShutdownReason()
                  .filter(CoordinatedShutdown.jvmExitReason()::equals)
                  .isPresent();
          return binding.terminate(isStop ? deadline : AT_ONCE).thenApply(done -> Done.done());
        });
  }

  private static ServerSettings serverSettings(ActorSystem<?> system, HttpSettings settings) {
    ServerSettings defaults = ServerSettings.create(system.settings().config());
    ParserSettings parsing =
        defaults
            .getParserSettings()
            // Clients of the original send brackets, blanks and quotes as they are.
            .withUriParsingMode(Uri.RELAXED)
            .withMaxUriLength(16 * 1024)
            .withIllegalHeaderWarnings(false);
    return defaults
        .withParserSettings(parsing)
        .withParsingErrorHandler(ParsingErrors.class.getName())
        .withTransparentHeadRequests(true)
        // HTTP/1.0 has no Host, and load balancers still check health with it.
        .withDefaultHostHeader(Host.create(settings.host(), settings.port()))
        .withPipeliningLimit(Presence.PIPELINED)
        .withMaxConnections(settings.maxConnections())
        .withTimeouts(
            defaults
                .getTimeouts()
                .withRequestTimeout(scala(settings.requestTimeout()))
                // A connection must not count as idle while its request may still be answered.
                .withIdleTimeout(scala(settings.requestTimeout().plusSeconds(60))))
        .withRemoteAddressAttribute(true)
        .withTerminationDeadlineExceededResponse(
            Failures.unavailable("The node is stopping; what was pushed may be stored in part."))
        .withServerHeader(Optional.of(Server.create(ProductVersion.create("Sonde", ""))));
  }

  private static scala.concurrent.duration.Duration scala(Duration duration) {
    return scala.concurrent.duration.Duration.create(duration.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The innermost reason in one line: what wraps it repeats the address and names of classes. */
  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
      return "unknown host";
    }
    String message =
        String.valueOf(cause.getMessage())
            .lines()
            .findFirst()
            .orElse("")
            // Akka puts the address before the system's own words.
            .replaceFirst("^\\[[^]]*\\] ", "");
    return message.isEmpty()
        ? cause.getClass().getSimpleName()
        : message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }
}
