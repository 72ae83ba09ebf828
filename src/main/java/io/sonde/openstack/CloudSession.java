package io.sonde.openstack;

import io.sonde.polling.BoundedBody;
import io.sonde.polling.BoundedExchange;
import io.sonde.polling.PollException;
import io.sonde.polling.PollingContext;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Asks the services of a cloud in the name of one user. All callers share one token: it is fetched
 * when it is first needed, renewed before it ends, and once more when a service refuses it.
 * Redirects are not followed: they would carry the token elsewhere. For use by many threads; blocks
 * none.
 */
public final class CloudSession {
  /** How long Keystone is waited for: for all callers, however long each of them waits. */
  private static final Duration KEYSTONE_TIMEOUT = Duration.ofSeconds(30);

  /** Keystone is asked no more often, whatever it and the services say. */
  static final Duration PAUSE = Duration.ofSeconds(5);

  private final CloudSettings settings;
  private final PollingContext context;
  private final HttpClient client;

  // Guarded by this. The latest request for a token, and when it was made in our clock's ms.
  private CompletableFuture<Token> latest;
  private long asked;

  /** Opens nothing yet. */
  public CloudSession(CloudSettings settings, PollingContext context) {
    this.settings = settings;
    this.context = context;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER);
    if (settings.tls() != null) {
      builder.sslContext(settings.tls());
    }
    client = builder.build();
  }

  /**
   * The URLs of a service in the configured region and interface, as the catalog gives them.
   *
   * @param serviceType a type or another name of it, such as compute, volumev3 or block-storage
   * @return none when the catalog has none; failed with a {@link PollException} when there is no
   *     catalog
   */
  public CompletionStage<List<URI>> endpoints(String serviceType) {
    return endpoints(serviceType, Limit.of(KEYSTONE_TIMEOUT));
  }

  /** The same for those who wait no longer than this. */
  CompletionStage<List<URI>> endpoints(String serviceType, Limit limit) {
    return inTime(token(null), limit).thenApply(token -> token.endpoints().of(serviceType));
  }

  /**
   * Asks with GET.
   *
   * @param headers to be sent beside the token
   * @param deadline for all of it, the body too
   * @return the answer of any status; failed with a {@link PollException} when there is none, none
   *     in time, one that is too large, or no token
   */
  public CompletionStage<Answer> get(URI url, Map<String, String> headers, Duration deadline) {
    return get(url, headers, Limit.of(deadline));
  }

  CompletionStage<Answer> get(URI url, Map<String, String> headers, Limit limit) {
    return ask("GET", url, headers, limit);
  }

  /** Asks with HEAD; else as {@link #get}. */
  public CompletionStage<Answer> head(URI url, Map<String, String> headers, Duration deadline) {
    return ask("HEAD", url, headers, Limit.of(deadline));
  }

  private CompletionStage<Answer> ask(
      String method, URI url, Map<String, String> headers, Limit limit) {
    return inTime(token(null), limit)
        .thenCompose(
            token ->
                exchange(request(method, url, headers, token), limit)
                    .thenCompose(
                        answer ->
                            answer.status() == 401
                                ? again(headers, token, answer, limit)
                                : CompletableFuture.completedFuture(answer)));
  }

  /** Once more with a new token, unless the refused one is so new that it cannot be the reason. */
  private CompletionStage<Answer> again(
      Map<String, String> headers, Token refused, Answer refusal, Limit limit) {
    return inTime(token(refused), limit)
        .thenCompose(
            token ->
                token == refused
                    ? CompletableFuture.completedFuture(refusal)
                    : exchange(request(refusal.method(), refusal.url(), headers, token), limit));
  }

  private static HttpRequest request(
      String method, URI url, Map<String, String> headers, Token token) {
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(url).method(method, HttpRequest.BodyPublishers.noBody());
      request.header("Accept", "application/json").header("User-Agent", "Sonde");
      headers.forEach(request::setHeader);
      return request.setHeader("X-Auth-Token", token.value()).build();
    } catch (IllegalArgumentException e) {
      // Its message shows the value.
      throw new PollException(
          Answer.place(method, url) + ": the URL or a header of it cannot be sent");
    }
  }

  /** Waits for a token no longer than the caller does; others may wait longer for it. */
  private CompletableFuture<Token> inTime(CompletableFuture<Token> token, Limit limit) {
    return token
        .copy()
        .orTimeout(limit.left(), TimeUnit.MILLISECONDS)
        .handle(
            (given, failure) -> {
              if (failure instanceof TimeoutException) {
                throw new PollException(
                    settings.identity() + ": no token within " + limit.whole().toMillis() + " ms");
              }
              if (failure != null) {
                throw new PollException(PollException.reasonOf(failure));
              }
              return given;
            });
  }

  /** The token for all; a new one in place of the refused one, which may be null. */
  private CompletableFuture<Token> token(Token refused) {
    if (settings.identity() == null) {
      return CompletableFuture.failedFuture(
          new PollException("set " + settings.path() + ": no cloud is configured"));
    }
    synchronized (this) {
      long now = context.clock().millis();
      if (latest == null || isToBeRenewed(refused, now)) {
        asked = now;
        latest = authenticate();
      }
      return latest;
    }
  }

  private boolean isToBeRenewed(Token refused, long now) {
    // A clock that was put back says nothing of how long ago that was.
    long ago = now < asked ? Long.MAX_VALUE : now - asked;
    if (!latest.isDone() || ago < PAUSE.toMillis()) {
      return false;
    }
    if (latest.isCompletedExceptionally()) {
      return true;
    }
    Token token = latest.join();
    return token == refused || ago >= token.use().toMillis();
  }

  private CompletableFuture<Token> authenticate() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(settings.identity() + "/auth/tokens"))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("User-Agent", "Sonde")
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.write(settings.authentication())))
            .build();
    Limit limit = Limit.of(KEYSTONE_TIMEOUT);
    // A connection that was kept may end just when it is used again. Where a GET was sent on it the
    // client sends it once more by itself; to do so with this POST does no harm either.
    CompletableFuture<Answer> answer =
        send(request, limit)
            .exceptionallyCompose(
                failure ->
                    isLost(failure)
                        ? send(request, limit)
                        : CompletableFuture.failedFuture(failure));
    return told(answer, request, limit).thenApply(given -> Token.of(given, settings));
  }

  /** Whether a connection ended without an answer. */
  private static boolean isLost(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof IOException
        && !(cause instanceof ConnectException || cause instanceof SSLException);
  }

  private CompletableFuture<Answer> exchange(HttpRequest request, Limit limit) {
    return told(send(request, limit), request, limit);
  }

  private CompletableFuture<Answer> send(HttpRequest request, Limit limit) {
    return BoundedExchange.send(
            client,
            request,
            new BoundedBody.AnyStatus(context.maxBody()),
            Duration.ofMillis(limit.left()))
        .thenApply(Answer::new);
  }

  /** With a failure that names the place. */
  private static CompletableFuture<Answer> told(
      CompletableFuture<Answer> answer, HttpRequest request, Limit limit) {
    return answer.handle(
        (given, failure) -> {
          if (failure == null) {
            return given;
          }
          String reason =
              failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException
                  ? "no answer within " + limit.whole().toMillis() + " ms"
                  : PollException.reasonOf(failure);
          throw new PollException(Answer.place(request.method(), request.uri()) + ": " + reason);
        });
  }
}
