package io.sonde.dynamic;

import io.sonde.expression.ExpressionException;
import io.sonde.openstack.CloudSession;
import io.sonde.polling.BoundedBody;
import io.sonde.polling.PollException;
import io.sonde.polling.PollingContext;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/** Asks services and hosts. Each call waits for its answer on the caller's thread. */
final class Transport {
  private final CloudSession cloud;
  private final PollingContext context;
  private final Map<Optional<SSLContext>, HttpClient> clients = new ConcurrentHashMap<>();

  Transport(CloudSession cloud, PollingContext context) {
    this.cloud = cloud;
    this.context = context;
  }

  /**
   * The URLs of a service of the cloud; none when the catalog has none.
   *
   * @throws PollException when there is no catalog
   */
  List<URI> endpoints(String serviceType, Deadline deadline) {
    Duration left = deadline.left();
    return await(cloud.endpoints(serviceType).toCompletableFuture(), left, "no catalog");
  }

  /**
   * What a URL answers, read.
   *
   * @throws PollException when there is no answer of success that can be read, or none in time
   */
  Object get(Question question, URI url, Deadline deadline) {
    Duration left = deadline.left(question.timeout());
    if (left.isZero()) {
      throw new PollException(place(url) + ": no time is left");
    }
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", AnswerFormat.accepted(question.formats()));
    question.headers().forEach((name, value) -> put(headers, name, value));
    byte[] body =
        question.endpointType() != null
            ? fromCloud(url, headers, left)
            : fromElsewhere(question.authentication(), url, headers, left);
    return read(question, body, place(url));
  }

  /**
   * What a command says, read.
   *
   * @throws PollException when it fails, or what it says cannot be read
   */
  Object run(Question question, String command, Deadline deadline) {
    Deadline own = Deadline.in(deadline.left(question.timeout()));
    return read(question, HostCommand.run(command, context.maxBody(), own), "host-command");
  }

  private static Object read(Question question, byte[] body, String place) {
    try {
      return AnswerFormat.read(body, question.formats());
    } catch (PollException e) {
      throw new PollException(place + ": " + e.getMessage());
    }
  }

  private static void put(Map<String, String> headers, String name, String value) {
    headers.keySet().removeIf(name::equalsIgnoreCase);
    headers.put(name, value);
  }

  private byte[] fromCloud(URI url, Map<String, String> headers, Duration left) {
    return await(
            cloud.get(url, headers, left).toCompletableFuture(),
            left.plusSeconds(1),
            place(url) + ": no answer")
        .orFail()
        .body();
  }

  private byte[] fromElsewhere(
      Authentication authentication, URI url, Map<String, String> headers, Duration left) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url).header("User-Agent", "Sonde");
    headers.forEach(request::setHeader);
    if (authentication.header() != null) {
      request.setHeader("Authorization", authentication.header());
    }
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client(authentication)
            .sendAsync(request.build(), new BoundedBody.Handler(context.maxBody()));
    // Not with a timeout of the request: that ends with the headers, and a body may trickle in.
    try {
      return await(exchange, left, "no answer within " + left.toMillis() + " ms").body();
    } catch (PollException e) {
      exchange.cancel(true);
      throw new PollException(place(url) + ": " + e.getMessage());
    }
  }

  private HttpClient client(Authentication authentication) {
    return clients.computeIfAbsent(
        Optional.ofNullable(authentication.tls()),
        tls -> {
          // A redirect would carry what is secret elsewhere.
          HttpClient.Builder builder =
              HttpClient.newBuilder()
                  .version(HttpClient.Version.HTTP_1_1)
                  .followRedirects(HttpClient.Redirect.NEVER);
          tls.ifPresent(builder::sslContext);
          return builder.build();
        });
  }

  /** Waits, and tells what failed by a {@link PollException}. */
  static <T> T await(Future<T> answer, Duration time, String late) {
    try {
      return answer.get(Math.max(1, time.toMillis()), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new PollException(late);
    } catch (ExecutionException e) {
      throw new PollException(PollException.reasonOf(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PollException("the node stops");
    }
  }

  /** Why something failed, as it may be shown: messages that are not Sonde's may hold URLs. */
  static String reasonOf(RuntimeException failure) {
    return failure instanceof PollException || failure instanceof ExpressionException
        ? PollException.reasonOf(failure)
        : "unexpected " + failure.getClass().getSimpleName();
  }

  /**
   * A whole URL.
   *
   * @throws PollException when it is none, not of http or https, or has a user or a password
   */
  static URI whole(String text) {
    try {
      URI url = new URI(text);
      boolean isWeb =
          "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
      if (isWeb && url.getHost() != null && url.getRawUserInfo() == null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Told below, without what may be secret.
    }
    throw new PollException("no http or https URL without user and password");
  }

  /**
   * What a path or a link means behind an endpoint: one that begins with a slash is in place of the
   * endpoint's path, any other is appended. A whole URL keeps its path, but goes where the endpoint
   * is: behind a proxy services know neither their scheme nor their port.
   *
   * @throws PollException when it is no link, or leads to another host: tokens and passwords are
   *     not for that
   */
  static URI behind(URI endpoint, String link) {
    String base = endpoint.toString().replaceFirst("[?#].*", "");
    try {
      URI url = new URI(base.endsWith("/") ? base : base + "/").resolve(new URI(link));
      if (url.getHost() == null || !url.getHost().equalsIgnoreCase(endpoint.getHost())) {
        throw new PollException("a link leads to another host: it is not followed");
      }
      String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
      return new URI(
          endpoint.getScheme() + "://" + endpoint.getRawAuthority() + url.getRawPath() + query);
    } catch (URISyntaxException | IllegalArgumentException e) {
      // Without the link, which may be secret.
      throw new PollException("no link: it is not written as one");
    }
  }

  /** What a link means in an answer that a URL gave: a whole one, a path, or another query. */
  static URI linked(URI asked, String link) {
    String path = asked.getRawPath().isEmpty() ? "/" : asked.getRawPath();
    String folder = path.replaceFirst("[^/]*$", "");
    URI base = URI.create(asked.getScheme() + "://" + asked.getRawAuthority() + folder);
    return behind(base, link.startsWith("?") ? path + link : link);
  }

  /** A URL as it may be shown: users and queries may be secret. */
  static String place(URI url) {
    String authority = url.getRawAuthority().replaceFirst(".*@", "");
    return url.getScheme() + "://" + authority + url.getRawPath();
  }
}
