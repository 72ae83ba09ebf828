package io.sonde.publish;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** An HTTP server that answers every request by a function, and remembers them all. */
final class HttpReceiver implements AutoCloseable {
  /** One that came. */
  record Request(String path, String contentType, String authorization, byte[] body) {}

  /** What it is answered. */
  record Answer(int status, byte[] body) {
    Answer(int status) {
      this(status, new byte[0]);
    }
  }

  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Function<Request, Answer> answers;
  private HttpServer server;
  private int port;

  HttpReceiver(Function<Request, Answer> answers) {
    this.answers = answers;
    start();
  }

  int port() {
    return port;
  }

  List<Request> requests() {
    return requests;
  }

  void start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    port = server.getAddress().getPort();
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  void stop() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Request request =
          new Request(
              exchange.getRequestURI().getPath(),
              exchange.getRequestHeaders().getFirst("Content-Type"),
              exchange.getRequestHeaders().getFirst("Authorization"),
              exchange.getRequestBody().readAllBytes());
      Answer answer = answers.apply(request);
      requests.add(request);
      exchange.sendResponseHeaders(
          answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
      exchange.getResponseBody().write(answer.body());
    }
  }

  @Override
  public void close() {
    stop();
    threads.shutdownNow();
  }
}
