package io.sonde.dynamic;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Services over HTTP on this machine, and a Keystone that knows them. */
final class AskedServer implements AutoCloseable {
  /** What it was asked. */
  record Asked(URI uri, Headers headers) {
    String header(String name) {
      return headers.getFirst(name);
    }
  }

  interface Service {
    void answer(HttpExchange exchange) throws Exception;
  }

  static final String PASSWORD = "s3cret-password";

  final List<Asked> asked = new CopyOnWriteArrayList<>();
  final CountDownLatch over = new CountDownLatch(1);
  private final List<String> catalog = new CopyOnWriteArrayList<>();
  private final Map<String, Service> services = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final String scheme;

  AskedServer() throws IOException {
    this(HttpServer.create(address(), 0), "http");
  }

  /** One that wants a certificate of its clients. */
  static AskedServer overTls(SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(address(), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters ssl = tls.getDefaultSSLParameters();
            ssl.setNeedClientAuth(true);
            parameters.setSSLParameters(ssl);
          }
        });
    return new AskedServer(server, "https");
  }

  private AskedServer(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    serve("/identity/v3/auth/tokens", this::token);
    server.start();
  }

  private static InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  String url() {
    return scheme + "://localhost:" + server.getAddress().getPort();
  }

  void endpoint(String type, String path) {
    catalog.add(
        """
        {"type": "%s", "endpoints": [{"region_id": "one", "interface": "public", "url": "%s"}]}
        """
            .formatted(type, url() + path));
  }

  void serve(String path, Service service) {
    services.put(path, service);
  }

  void serve(String path, String body) {
    serve(path, exchange -> send(exchange, 200, body));
  }

  /** What was asked at a path. */
  List<Asked> asked(String path) {
    return asked.stream().filter(each -> each.uri().getPath().equals(path)).toList();
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void token(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (!body.contains(PASSWORD)) {
      send(exchange, 401, "{}");
      return;
    }
    exchange.getResponseHeaders().add("X-Subject-Token", "t0ken");
    send(
        exchange,
        201,
        """
        {"token": {"issued_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T09:00:00Z",
         "catalog": %s}}
        """
            .formatted(new ArrayList<>(catalog)));
  }

  private void handle(HttpExchange exchange) throws IOException {
    Headers headers = new Headers();
    headers.putAll(exchange.getRequestHeaders());
    asked.add(new Asked(exchange.getRequestURI(), headers));
    Service service = services.get(exchange.getRequestURI().getPath());
    try {
      if (service == null) {
        send(exchange, 404, "{}");
      } else {
        service.answer(exchange);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      exchange.close();
    }
  }

  @Override
  public void close() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
