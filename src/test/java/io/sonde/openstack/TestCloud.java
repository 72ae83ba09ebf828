package io.sonde.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.polling.PollingContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Keystone and services over HTTP on this machine, as OpenStack's API reference describes them. */
final class TestCloud implements AutoCloseable {
  static final String PASSWORD = "s3cret-password";

  /** What a service is asked. */
  record Request(String method, String path, Map<String, String> query, HttpExchange exchange) {
    String header(String name) {
      return exchange.getRequestHeaders().getFirst(name);
    }
  }

  /** What it answers. */
  record Reply(int status, String body, Map<String, String> headers) {
    static Reply ok(String body) {
      return new Reply(200, body, Map.of());
    }

    static Reply of(int status) {
      return new Reply(status, "{}", Map.of());
    }
  }

  interface Service {
    Reply answer(Request request) throws Exception;
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  final AtomicLong millis = new AtomicLong(Instant.parse("2026-01-01T12:00:00Z").toEpochMilli());
  final AtomicInteger tokens = new AtomicInteger();
  final List<Request> requests = new CopyOnWriteArrayList<>();
  final List<JsonNode> catalog = new CopyOnWriteArrayList<>();
  final CountDownLatch over = new CountDownLatch(1);
  final AtomicInteger leftOut = new AtomicInteger();
  private final Set<String> valid = ConcurrentHashMap.newKeySet();
  private final Map<String, Service> services = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  volatile Service keystone = this::token;

  TestCloud() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** An endpoint of the catalog. */
  TestCloud endpoint(String type, String region, String endpointInterface, String path)
      throws IOException {
    catalog.add(
        JSON.readTree(
            """
            {"type": "%s", "id": "1", "name": "n", "endpoints": [{"id": "2", "region": "%s",
             "region_id": "%s", "interface": "%s", "url": "%s"}]}
            """
                .formatted(type, region, region, endpointInterface, url() + path)));
    return this;
  }

  /** Answers at a path, for those who show a token that is valid. */
  void serve(String path, Service service) {
    services.put(path, service);
  }

  /** As when they were revoked. */
  void refuseTokens() {
    valid.clear();
  }

  void pass(long seconds) {
    millis.addAndGet(seconds * 1000);
  }

  CloudSettings settings(String more) {
    return CloudSettings.from(
        ConfigSection.of(
            ConfigFactory.parseString(
                "auth-url = \"%s\", username = sonde, password = %s, project = service\n%s"
                    .formatted(url() + "/identity", PASSWORD, more)),
            "cloud"));
  }

  PollingContext context() {
    return new PollingContext(
        "host", "http://h/", 100_000, Runnable::run, new TestClock(), leftOut::addAndGet);
  }

  /** What went to a path, oldest first. */
  List<Request> requests(String path) {
    return requests.stream().filter(request -> request.path().equals(path)).toList();
  }

  /** Never answers while the test runs. */
  Reply hang() throws InterruptedException {
    over.await();
    return Reply.of(500);
  }

  /** Keystone: a token for an hour against the password of the user in the project. */
  Reply token(Request request) throws Exception {
    JsonNode auth = JSON.readTree(request.exchange().getRequestBody()).path("auth");
    JsonNode user = auth.at("/identity/password/user");
    boolean isKnown =
        user.path("name").asText().equals("sonde")
            && user.at("/domain/name").asText().equals("Default")
            && user.path("password").asText().equals(PASSWORD)
            && auth.at("/scope/project/name").asText().equals("service")
            && auth.at("/scope/project/domain/name").asText().equals("Default");
    return isKnown ? grant() : Reply.of(401);
  }

  Reply grant() {
    String token = "t0ken-" + tokens.incrementAndGet();
    valid.add(token);
    Instant now = Instant.parse("2031-05-05T00:00:00Z");
    return new Reply(
        201,
        """
        {"token": {"methods": ["password"], "issued_at": "%s", "expires_at": "%s", "catalog": %s}}
        """
            .formatted(now, now.plusSeconds(3600), catalog),
        Map.of("X-Subject-Token", token));
  }

  private void handle(HttpExchange exchange) throws IOException {
    URI uri = exchange.getRequestURI();
    Request request = new Request(exchange.getRequestMethod(), uri.getPath(), query(uri), exchange);
    requests.add(request);
    try {
      send(request, reply(request));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      send(request, new Reply(500, "{}", Map.of("Error", String.valueOf(e))));
    } finally {
      exchange.close();
    }
  }

  private Reply reply(Request request) throws Exception {
    if (request.path().equals("/identity/v3/auth/tokens")) {
      return keystone.answer(request);
    }
    String token = request.header("X-Auth-Token");
    if (token == null || !valid.contains(token)) {
      return Reply.of(401);
    }
    Service service = services.get(request.path());
    return service == null ? Reply.of(404) : service.answer(request);
  }

  private static void send(Request request, Reply reply) throws IOException {
    byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
    reply.headers().forEach(request.exchange().getResponseHeaders()::set);
    boolean isEmpty = request.method().equals("HEAD") || reply.status() == 204;
    request.exchange().sendResponseHeaders(reply.status(), isEmpty ? -1 : bytes.length);
    if (!isEmpty) {
      request.exchange().getResponseBody().write(bytes);
    }
  }

  private static Map<String, String> query(URI uri) {
    Map<String, String> query = new TreeMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&", -1)) {
        List<String> parts = new ArrayList<>(List.of(pair.split("=", 2)));
        query.put(parts.get(0), URLDecoder.decode(parts.get(1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  @Override
  public void close() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private final class TestClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis.get());
    }
  }
}
