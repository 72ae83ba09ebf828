package io.sonde.exporter;

import io.sonde.polling.BoundedBody;
import io.sonde.polling.PollException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
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
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(request, new BoundedBody.Handler(maxBody));
    // The request's own timeout ends with the headers; a body that trickles in needs this one. It
    // is not the exchange's: that could not be cancelled then.
    return exchange
        .thenApply(reading)
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .handle((read, failure) -> settled(exchange, read, failure));
  }

  private <T> T settled(CompletableFuture<?> exchange, T read, Throwable failure) {
    if (failure == null) {
      return read;
    }
    exchange.cancel(true);
    throw failure instanceof TimeoutException || failure.getCause() instanceof HttpTimeoutException
        ? new PollException("no answer within " + deadline.toMillis() + " ms")
        : new PollException(PollException.reasonOf(failure));
  }
}
