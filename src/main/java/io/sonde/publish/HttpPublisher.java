package io.sonde.publish;

import io.sonde.model.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * {@code http://…}, {@code https://…}: an array of samples, or of events, a POST, in the shape that
 * Ceilometer's own publisher sends.
 *
 * <p>2xx means taken. An answer that speaks of what was sent (400, 413, 422, …) is the last word on
 * it: those to blame are found by halves, counted and left out. All else, also an answer that
 * speaks of the way there (401, 404, …), is tried again.
 */
final class HttpPublisher implements EventPublisher {
  /** The schemes that name this publisher. */
  static final Set<String> SCHEMES = Set.of("http", "https");

  private static final int DEFAULT_MAX_BODY = 1 << 20;
  private static final int REQUESTS_PER_HOST = 4;

  /** Requests in search of the samples to blame without any success: all of the rest are, then. */
  private static final int MAX_SEARCH = 64;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  /** They say no word about what was sent, and may pass. */
  private static final Set<Integer> OF_THE_WAY =
      Set.of(401, 403, 404, 405, 407, 408, 421, 425, 426, 429);

  private static final int TOO_LARGE = 413;

  /** Shared by all publishers of a host. */
  private static final Map<String, Semaphore> HOSTS = new ConcurrentHashMap<>();

  private final PublisherUrl url;
  private final URI target;
  private final String authorization;
  private final SSLContext tls;
  private final Duration timeout;
  private final int maxRetries;
  private final int maxBody;
  private final boolean isBatch;
  private final boolean isRawOnly;
  private final Function<Outgoing, Map<String, Object>> shape;
  private final Semaphore host;
  private HttpClient client;

  HttpPublisher(PublisherUrl url) {
    this.url = url;
    String address = (url.host().contains(":") ? "[" + url.host() + "]" : url.host());
    int port = url.port(url.scheme().equals("https") ? 443 : 80);
    host =
        HOSTS.computeIfAbsent(address + ":" + port, key -> new Semaphore(REQUESTS_PER_HOST, true));
    // What is not for the publisher is for the consumer.
    String query =
        url.queryWithout(
            "timeout",
            "max_retries",
            "batch",
            "verify_ssl",
            "clientcert",
            "clientkey",
            "format",
            "max_body",
            "raw_only");
    String path = url.path().isEmpty() ? "/" : url.path();
    try {
      target =
          URI.create(
              url.scheme()
                  + "://"
                  + address
                  + ":"
                  + port
                  + path
                  + (query.isEmpty() ? "" : "?" + query));
    } catch (IllegalArgumentException e) {
      throw url.error("a URL: " + e.getMessage());
    }
    authorization = url.userInfo() == null ? null : basic(url.userInfo());
    timeout = Duration.ofSeconds(url.integer("timeout", 5, 1, 3600));
    maxRetries = url.integer("max_retries", 2, 0, 100);
    maxBody = url.integer("max_body", DEFAULT_MAX_BODY, 1, 1 << 27);
    isBatch = url.flag("batch", true);
    isRawOnly = url.flag("raw_only", false);
    shape = shape(url);
    tls = tls(url);
  }

  private static Function<Outgoing, Map<String, Object>> shape(PublisherUrl url) {
    return switch (url.option("format").orElse("dict")) {
      case "dict" -> MeteringMessage::asDict;
      case "message" -> MeteringMessage::of;
      default -> throw url.error("a URL whose format is dict or message");
    };
  }

  private static String basic(String userInfo) {
    String plain = URLDecoder.decode(userInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
    byte[] pair = (plain.contains(":") ? plain : plain + ":").getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private static SSLContext tls(PublisherUrl url) {
    String verify = url.option("verify_ssl").orElse("true");
    boolean isFile = verify.contains("/") || verify.contains(".");
    boolean isVerified = isFile || url.flag("verify_ssl", true);
    Path certificate = url.option("clientcert").map(Path::of).orElse(null);
    Path key = url.option("clientkey").map(Path::of).orElse(certificate);
    try {
      return TlsFiles.context(isVerified, isFile ? Path.of(verify) : null, certificate, key);
    } catch (IOException | GeneralSecurityException e) {
      throw url.error("a URL whose certificates can be read: " + e);
    }
  }

  @Override
  public void publish(List<Outgoing> samples) throws IOException {
    send(samples.stream().map(sample -> MeteringMessage.json(shape.apply(sample))).toList());
  }

  @Override
  public void publishEvents(List<Event> events) throws IOException {
    send(events.stream().map(this::item).flatMap(Optional::stream).toList());
  }

  /** An event that was made of nothing that is kept has nothing to say where only that counts. */
  private Optional<byte[]> item(Event event) {
    Map<String, Object> message = EventMessage.of(event);
    if (!isRawOnly) {
      return Optional.of(MeteringMessage.json(message));
    }
    return Optional.ofNullable(((Map<?, ?>) message.get("raw")).get("payload"))
        .map(MeteringMessage::json);
  }

  private void send(List<byte[]> items) throws IOException {
    Bodies bodies = new Bodies(items);
    int taken = 0;
    try {
      while (taken < items.size()) {
        int next = bodies.end(taken);
        post(bodies, taken, next);
        taken = next;
      }
    } catch (Refused e) {
      throw new PublishException(e.getMessage(), taken + e.taken, e.retryAfter, e);
    } catch (InterruptedException e) {
      throw new PublishException("interrupted", taken, null, e);
    } catch (IOException e) {
      throw new PublishException(e.toString(), taken, null, e);
    }
  }

  /** Not taken, and to be tried again. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    private final int taken;
    private final transient Duration retryAfter;

    private Refused(String message, int taken, Duration retryAfter) {
      super(message);
      this.taken = taken;
      this.retryAfter = retryAfter;
    }
  }

  /** A piece as it is sent. */
  private final class Bodies {
    private final List<byte[]> items;
    private int searches = MAX_SEARCH;

    private Bodies(List<byte[]> items) {
      this.items = items;
    }

    /** Where the body ends that begins with this one. */
    private int end(int from) {
      int end = from + 1;
      int bytes = items.get(from).length + 2;
      while (isBatch && end < items.size() && bytes + items.get(end).length + 1 <= maxBody) {
        bytes += items.get(end).length + 1;
        end++;
      }
      return end;
    }

    private byte[] body(int from, int to) {
      if (!isBatch) {
        return items.get(from);
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (int i = from; i < to; i++) {
        body.write(i == from ? '[' : ',');
        body.writeBytes(items.get(i));
      }
      body.write(']');
      return body.toByteArray();
    }
  }

  private void post(Bodies bodies, int from, int to) throws IOException, InterruptedException {
    HttpResponse<String> answer = send(bodies.body(from, to));
    int status = answer.statusCode();
    if (status / 100 == 2) {
      bodies.searches = MAX_SEARCH;
      return;
    }
    String detail = "answered " + status + (answer.body().isEmpty() ? "" : ": " + answer.body());
    if (status / 100 != 4 || OF_THE_WAY.contains(status)) {
      throw new Refused(detail, 0, retryAfter(answer));
    }
    if (to - from == 1 || (status != TOO_LARGE && bodies.searches <= 0)) {
      LeftOut.add(url, to - from, Integer.toString(status), detail);
      return;
    }
    bodies.searches -= 2;
    int middle = (from + to) >>> 1;
    post(bodies, from, middle);
    try {
      post(bodies, middle, to);
    } catch (Refused e) {
      throw new Refused(e.getMessage(), e.taken + middle - from, e.retryAfter);
    }
  }

  /** A connection that the consumer has closed meanwhile is no reason to wait. */
  private HttpResponse<String> send(byte[] body) throws IOException, InterruptedException {
    for (int failures = 0; ; failures++) {
      try {
        return sendOnce(body);
      } catch (IOException e) {
        if (failures >= maxRetries || e instanceof Refused) {
          throw e;
        }
        Thread.sleep(FIRST_PAUSE.toMillis() << Math.min(failures, 5));
      }
    }
  }

  private HttpResponse<String> sendOnce(byte[] body) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    host.acquire();
    try {
      CompletableFuture<HttpResponse<String>> answer =
          client().sendAsync(request.build(), info -> new AnswerHead());
      try {
        return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new Refused("no answer within " + timeout.toSeconds() + " s", 0, null);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
      } finally {
        answer.cancel(true);
      }
    } finally {
      host.release();
    }
  }

  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(timeout)
              .sslContext(tls)
              .build();
    }
    return client;
  }

  private static Duration retryAfter(HttpResponse<?> answer) {
    String value = answer.headers().firstValue("Retry-After").orElse("").strip();
    try {
      return value.matches("\\d{1,9}")
          ? Duration.ofSeconds(Long.parseLong(value))
          : Duration.between(
              Instant.now(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return null;
    }
  }
}
