package io.sonde.exporter;

import io.sonde.model.ConfigSection;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.polling.Discovery;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.PollsterFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Reads exporters over HTTP. A target's address is the URL. Counters and the parts of histograms
 * become cumulative meters, all else gauges; all labels become dimensions. Only status 200 is an
 * answer; redirects are not followed, because the target was chosen by whoever configured it.
 */
public final class PrometheusPollster implements Pollster {
  static final String NAME = "prometheus";

  private static final String SOURCE = "prometheus";
  private static final String ACCEPT =
      "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

  private HttpClient client;
  private PollingContext context;

  private PrometheusPollster() {}

  /** Makes it; it has no parameters. */
  public static PollsterFactory factory() {
    return PollsterFactory.of(NAME, PrometheusPollster::from);
  }

  private static Pollster from(ConfigSection parameters) {
    parameters.allow();
    return new PrometheusPollster();
  }

  @Override
  public Set<String> schemes() {
    return Set.of("http", "https");
  }

  @Override
  public PolledTarget target(URI url) {
    return PrometheusTargets.target(url);
  }

  @Override
  public String host(PolledTarget target) {
    return PrometheusTargets.url(target).getAuthority();
  }

  @Override
  public List<Discovery> discoveries() {
    return List.of(PrometheusTargets.own(() -> context), new HttpServiceDiscovery(asking()));
  }

  private HttpServiceDiscovery.Asking asking() {
    return new HttpServiceDiscovery.Asking() {
      @Override
      public HttpClient client() {
        return client;
      }

      @Override
      public int maxBody() {
        return context.maxBody();
      }
    };
  }

  @Override
  public void start(PollingContext given) {
    context = given;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  @Override
  public CompletionStage<SampleBatch> poll(PolledTarget target, Duration deadline) {
    return new HttpGet(PrometheusTargets.url(target), ACCEPT, context.maxBody(), deadline)
        .send(client, answer -> samples(target, answer));
  }

  private SampleBatch samples(PolledTarget target, HttpResponse<byte[]> response) {
    long now = context.micros();
    String contentType = response.headers().firstValue("Content-Type").orElse("");
    boolean openMetrics =
        contentType.toLowerCase(Locale.ROOT).startsWith("application/openmetrics-text");
    PrometheusText.Exposition exposition =
        PrometheusText.parse(new String(response.body(), StandardCharsets.UTF_8), openMetrics);
    if (exposition.skipped() > 0) {
      context.leftOut().accept(exposition.skipped());
    }
    SampleBatch.Builder batch = new SampleBatch.Builder(exposition.readings().size());
    int metadata = batch.ref(PrometheusTargets.metadata(target));
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
