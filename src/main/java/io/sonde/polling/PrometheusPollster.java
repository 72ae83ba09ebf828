package io.sonde.polling;

import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;

/**
 * Reads exporters over HTTP. A target's address is the URL. Counters and the parts of histograms
 * become cumulative meters, all else gauges; all labels become dimensions. Only status 200 is an
 * answer; redirects are not followed, because the target was chosen by whoever configured it.
 */
final class PrometheusPollster implements Pollster {
  static final String NAME = "prometheus";

  private static final String SOURCE = "prometheus";
  private static final String ACCEPT =
      "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

  private final HttpClient client;
  private final int maxBody;
  private final Clock clock;
  private final IntConsumer skipped;

  /**
   * @param maxBody largest answer in bytes
   * @param skipped told how many values of an answer were left out, not being finite
   */
  PrometheusPollster(int maxBody, Clock clock, IntConsumer skipped) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    this.maxBody = maxBody;
    this.clock = clock;
    this.skipped = skipped;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public CompletionStage<SampleBatch> poll(PolledTarget target, Duration deadline) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(target.address()))
            .header("Accept", ACCEPT)
            .header("User-Agent", "Sonde")
            .timeout(deadline)
            .build();
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(request, new BoundedBody.Handler(maxBody));
    // The request's own timeout ends with the headers; a body that trickles in needs this one.
    CompletableFuture<SampleBatch> answer =
        exchange
            .thenApply(response -> samples(target, response))
            .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS);
    return answer.handle((batch, failure) -> settled(exchange, batch, failure, deadline));
  }

  private static SampleBatch settled(
      CompletableFuture<?> exchange, SampleBatch batch, Throwable failure, Duration deadline) {
    if (failure == null) {
      return batch;
    }
    exchange.cancel(true);
    throw failure instanceof TimeoutException
        ? new PollException("no answer within " + deadline.toMillis() + " ms")
        : new PollException(PollException.reasonOf(failure));
  }

  private SampleBatch samples(PolledTarget target, HttpResponse<byte[]> response) {
    long now = TimeUnit.MILLISECONDS.toMicros(clock.millis());
    String contentType = response.headers().firstValue("Content-Type").orElse("");
    boolean openMetrics =
        contentType.toLowerCase(Locale.ROOT).startsWith("application/openmetrics-text");
    PrometheusText.Exposition exposition =
        PrometheusText.parse(new String(response.body(), StandardCharsets.UTF_8), openMetrics);
    if (exposition.skipped() > 0) {
      skipped.accept(exposition.skipped());
    }
    SampleBatch.Builder batch = new SampleBatch.Builder(exposition.readings().size());
    int metadata = batch.ref(Metadata.of(Map.of("url", target.address())));
    for (PrometheusText.Reading reading : exposition.readings()) {
      Series series =
          new Series(
              SOURCE,
              reading.meter(),
              reading.type(),
              reading.unit(),
              target.resourceId(),
              null,
              null,
              reading.labels());
      long time = reading.timestamp() == PrometheusText.NO_TIME ? now : reading.timestamp();
      batch.add(batch.ref(series), time, reading.value(), SampleKey.NONE, metadata);
    }
    return batch.build();
  }
}
