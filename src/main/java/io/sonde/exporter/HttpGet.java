package io.sonde.exporter;

import io.sonde.polling.BoundedBody;
import io.sonde.polling.BoundedExchange;
import io.sonde.polling.PollException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Asks a URL once.
 *
 * @param accept the media types that are understood
 * @param maxBody largest answer in bytes
 * @param deadline when the exchange is given up and its connection closed
 */
record HttpGet(URI url, String accept, int maxBody, Duration deadline) {
  /**
   * Sends it.
   *
   * @param reading of an answer with status 200
   * @return failed with a {@link PollException}
   */
  <T> CompletionStage<T> send(HttpClient client, Function<HttpResponse<byte[]>, T> reading) {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .header("Accept", accept)
            .header("User-Agent", "Sonde")
            .timeout(deadline)
            .build();
    return BoundedExchange.send(client, request, new BoundedBody.Handler(maxBody), deadline)
        .thenApply(reading)
        .handle(this::settled);
  }

  private <T> T settled(T read, Throwable failure) {
    if (failure == null) {
      return read;
    }
    boolean isLate =
        failure.getCause() instanceof TimeoutException
            || failure.getCause() instanceof HttpTimeoutException;
    throw new PollException(
        isLate
            ? "no answer within " + deadline.toMillis() + " ms"
            : PollException.reasonOf(failure));
  }
}
