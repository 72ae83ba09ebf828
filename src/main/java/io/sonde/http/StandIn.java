package io.sonde.http;

import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpResponse;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Answers at the node's address while nothing else does, as the node is in no cluster: it is alive,
 * and all else is 503 with the reason.
 */
public final class StandIn implements AutoCloseable {
  private static final int THREADS = 2;

  private final HttpServer server;
  private final ExecutorService threads;

  private StandIn(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Listens.
   *
   * @param reason why nothing else can be answered
   * @throws IOException when it cannot
   */
  public static StandIn open(String host, int port, Supplier<String> reason) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), 0);
    // A client that is slow with its request keeps a thread.
    ExecutorService threads =
        Executors.newFixedThreadPool(
            THREADS,
            work -> {
              Thread thread = new Thread(work, "stand-in");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, reason.get()));
    server.start();
    return new StandIn(server, threads);
  }

  private static void answer(HttpExchange exchange, String reason) throws IOException {
    boolean isLive = exchange.getRequestURI().getPath().matches("/health/live/?");
    HttpResponse answer = isLive ? NodeRoutes.text("ok\n") : Failures.unavailable(reason);
    HttpEntity.Strict entity = (HttpEntity.Strict) answer.entity();
    answer
        .getHeaders()
        .forEach(header -> exchange.getResponseHeaders().add(header.name(), header.value()));
    exchange.getResponseHeaders().add("Content-Type", entity.getContentType().toString());
    // Soon another server listens here.
    exchange.getResponseHeaders().add("Connection", "close");
    try (exchange) {
      byte[] body = entity.getData().toArray();
      boolean isHead = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.status().intValue(), isHead ? -1 : body.length);
      if (!isHead) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  /** Ends it and all of its connections. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
