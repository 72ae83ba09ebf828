package io.sonde.publish;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.xerial.snappy.Snappy;

/**
 * {@code prometheus://HOST[:PORT][/PATH]}: Prometheus' remote write 1.0. What a consumer refuses
 * with a status of 4xx it refuses for ever: such a request is halved until only the samples remain
 * that are to blame; these are counted and left out.
 */
public final class PrometheusPublisher implements Publisher {
  /** The scheme that names this publisher. */
  public static final String SCHEME = "prometheus";

  /** The same over TLS. */
  public static final String SCHEME_TLS = "prometheus+https";

  private static final int PORT = 9090;
  private static final String PATH = "/api/v1/write";
  // A request is refused as a whole: a smaller one is sooner halved.
  private static final int SAMPLES_A_REQUEST = 500;

  private final PublisherUrl url;
  private final HttpConsumer consumer;
  // By the first sample of a batch that failed, how many of it the consumer has: when these come
  // again it would refuse them as older than what it has, each one by itself.
  private final Map<String, Integer> taken = new ConcurrentHashMap<>();

  PrometheusPublisher(PublisherUrl url) {
    url.allow("ssl", "timeout");
    if (url.path().startsWith("/metrics/")) {
      throw url.error("a URL of a remote-write receiver; a Pushgateway is not spoken to");
    }
    this.url = url;
    this.consumer =
        HttpConsumer.of(
            url,
            url.scheme().equals(SCHEME_TLS),
            PORT,
            PATH,
            "Content-Type",
            "application/x-protobuf",
            "Content-Encoding",
            "snappy",
            "X-Prometheus-Remote-Write-Version",
            "0.1.0");
  }

  @Override
  public void publish(List<Outgoing> samples) throws IOException {
    if (samples.isEmpty()) {
      return;
    }
    String batch = samples.get(0).id();
    Integer before = taken.remove(batch);
    int from = before == null ? 0 : before;
    try {
      while (from < samples.size()) {
        int to = Math.min(from + SAMPLES_A_REQUEST, samples.size());
        Halving.send(url, samples.subList(from, to), this::send);
        from = to;
      }
    } finally {
      if (from > 0 && from < samples.size()) {
        taken.put(batch, from);
      }
    }
  }

  private void send(List<Outgoing> samples) throws IOException {
    consumer.post(Snappy.compress(RemoteWriteRequest.of(samples).toBytes()));
  }
}
