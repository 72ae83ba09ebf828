package io.sonde.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A consumer of JSON over HTTP that can go away and come back on its port. */
public final class ConsumerServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the consumer says to a request. */
  public record Answer(int status, String body, String retryAfter) {
    public static final Answer OK = new Answer(204, "", null);
  }

  /** A request as it came. */
  public record Request(String line, String contentType, String authorization, JsonNode body) {}

  private final List<Request> requests = new ArrayList<>();
  private final List<JsonNode> taken = new ArrayList<>();
  private final SSLContext tls;
  private final boolean needsClient;
  private volatile Function<Request, Answer> answers = request -> Answer.OK;
  private HttpServer server;
  private ExecutorService threads;
  private int port;

  /** Listens on a free port. */
  public ConsumerServer() {
    this(null, false);
  }

  /** Listens with TLS, and wants to know who the client is, or not. */
  ConsumerServer(SSLContext tls, boolean needsClient) {
    this.tls = tls;
    this.needsClient = needsClient;
    start();
  }

  /** Listens on the port of before. */
  public void start() {
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      server = tls == null ? HttpServer.create(address, 64) : secure(address);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    port = server.getAddress().getPort();
  }

  private HttpsServer secure(InetSocketAddress address) throws IOException {
    HttpsServer secure = HttpsServer.create(address, 64);
    secure.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters own = tls.getDefaultSSLParameters();
            own.setNeedClientAuth(needsClient);
            parameters.setSSLParameters(own);
          }
        });
    return secure;
  }

  /** Breaks all connections and listens no more. */
  public void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Override
  public void close() {
    stop();
  }

  public int port() {
    return port;
  }

  /** What is said from now on. What is answered with 2xx is taken. */
  public void answer(Function<Request, Answer> to) {
    answers = to;
  }

  /** Requests so far. */
  public synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Samples that were taken, in the order of their coming. */
  public synchronized List<JsonNode> taken() {
    return List.copyOf(taken);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Request request =
          new Request(
              exchange.getRequestMethod() + " " + exchange.getRequestURI(),
              exchange.getRequestHeaders().getFirst("Content-Type"),
              exchange.getRequestHeaders().getFirst("Authorization"),
              JSON.readTree(exchange.getRequestBody()));
      Answer answer = answers.apply(request);
      synchronized (this) {
        requests.add(request);
        if (answer.status() / 100 == 2) {
          if (request.body().isArray()) {
            request.body().forEach(taken::add);
          } else {
            taken.add(request.body());
          }
        }
      }
      if (answer.retryAfter() != null) {
        exchange.getResponseHeaders().add("Retry-After", answer.retryAfter());
      }
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    }
  }
}
