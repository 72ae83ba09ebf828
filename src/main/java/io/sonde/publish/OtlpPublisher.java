package io.sonde.publish;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * {@code otlp://HOST[:PORT][/PATH]}: metrics in the protobuf of OpenTelemetry over HTTP. What a
 * receiver takes only in part is not sent again, as its protocol demands: the points that it
 * rejected are counted and left out, as is a request that it can never take.
 */
public final class OtlpPublisher implements Publisher {
  /** The schemes that name this publisher: the second is over TLS, the third the original's. */
  static final Set<String> SCHEMES = Set.of("otlp", "otlps", "opentelemetryhttp");

  private static final int PORT = 4318;
  private static final String PATH = "/v1/metrics";
  private static final int SAMPLES_A_REQUEST = 2_000;

  private final PublisherUrl url;
  private final HttpConsumer consumer;

  OtlpPublisher(PublisherUrl url) {
    this.url = url.allow("ssl", "timeout");
    this.consumer =
        HttpConsumer.of(
            url,
            url.scheme().equals("otlps"),
            PORT,
            PATH,
            "Content-Type",
            "application/x-protobuf");
  }

  @Override
  public void publish(List<Outgoing> samples) throws IOException {
    for (int from = 0; from < samples.size(); from += SAMPLES_A_REQUEST) {
      int to = Math.min(from + SAMPLES_A_REQUEST, samples.size());
      Halving.send(url, samples.subList(from, to), this::send);
    }
  }

  private void send(List<Outgoing> samples) throws IOException {
    OtlpAnswer answer = OtlpAnswer.of(consumer.post(OtlpRequest.of(samples).toBytes()));
    if (answer.rejected() > 0) {
      int rejected = (int) Math.min(answer.rejected(), samples.size());
      LeftOut.add(url, rejected, "rejected", answer.message());
    }
  }
}
