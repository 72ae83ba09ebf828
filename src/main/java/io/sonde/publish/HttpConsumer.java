package io.sonde.publish;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Posts messages of one kind to one consumer, each with a deadline. */
final class HttpConsumer {
  /** Says that a part of it can never be taken: the rest may be, without that part. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  // Of these 4xx, which speak of the consumer or of the way to it, a later try may find nothing.
  private static final Set<Integer> PASSING = Set.of(401, 403, 404, 405, 407, 408, 425, 429);
  private static final int MAX_SHOWN = 200;

  private final HttpClient client;
  private final HttpRequest.Builder request;
  private final Duration timeout;

  private HttpConsumer(HttpRequest.Builder request, Duration timeout) {
    this.request = request;
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .build();
  }

  /**
   * The consumer that a URL names by host, port, path, user and password. Reads its options {@code
   * ssl} and {@code timeout} (in seconds).
   *
   * @param isEncrypted whether TLS is used where {@code ssl} is not given
   * @param headers names and values in turn
   */
  static HttpConsumer of(
      PublisherUrl url, boolean isEncrypted, int port, String path, String... headers) {
    URI uri;
    String user;
    try {
      user = url.userInfo() == null ? null : PercentCode.decode(url.userInfo());
      uri =
          new URI(
              url.flag("ssl", isEncrypted) ? "https" : "http",
              null,
              url.host(),
              url.port(port),
              url.path().length() > 1 ? PercentCode.decode(url.path()) : path,
              null,
              null);
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw url.error("a URL of a host and a path");
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).headers(headers);
    if (user != null) {
      byte[] bytes = user.getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
    }
    return new HttpConsumer(request, Duration.ofSeconds(url.integer("timeout", 10, 1, 600)));
  }

  /**
   * Posts a body and returns the answer's when the consumer says that it has it.
   *
   * @throws RefusedException when it can never take all of it
   */
  byte[] post(byte[] body) throws IOException {
    HttpRequest post = request.copy().POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
    HttpResponse<byte[]> answer = answer(post);
    int status = answer.statusCode();
    if (status >= 200 && status < 300) {
      return answer.body();
    }
    String shown =
        "status " + status + ": " + new String(answer.body(), StandardCharsets.UTF_8).strip();
    String text = shown.length() > MAX_SHOWN ? shown.substring(0, MAX_SHOWN) : shown;
    if (status >= 400 && status < 500 && !PASSING.contains(status)) {
      throw new RefusedException(text);
    }
    throw new IOException(text);
  }

  private HttpResponse<byte[]> answer(HttpRequest post) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(post, HttpResponse.BodyHandlers.ofByteArray());
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new SocketTimeoutException("no answer within " + timeout.toSeconds() + " s");
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }
}
