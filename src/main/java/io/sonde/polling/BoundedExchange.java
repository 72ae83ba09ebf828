package io.sonde.polling;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** HTTP exchanges that have a deadline for all of the answer, its body included. */
public final class BoundedExchange {
  private BoundedExchange() {}

  /**
   * Sends a request. The timeout of a request itself ends with the headers; a body that trickles in
   * needs this one.
   *
   * @param body a {@link BoundedBody}'s
   * @param deadline when the exchange is given up and its connection closed
   * @return failed with a {@link java.util.concurrent.TimeoutException} after the deadline
   */
  public static CompletableFuture<HttpResponse<byte[]>> send(
      HttpClient client,
      HttpRequest request,
      HttpResponse.BodyHandler<byte[]> body,
      Duration deadline) {
    CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(request, body);
    // The time limit is of a copy: an exchange that it completed could not be cancelled any more.
    return exchange
        .copy()
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                exchange.cancel(true);
              }
            });
  }
}
