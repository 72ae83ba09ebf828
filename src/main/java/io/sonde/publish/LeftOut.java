package io.sonde.publish;

import io.prometheus.metrics.core.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Samples that a consumer can never take: they are counted and passed over, the others go on. */
final class LeftOut {
  private static final Logger LOG = LoggerFactory.getLogger(LeftOut.class);

  static final Counter SAMPLES =
      Counter.builder()
          .name("sonde_publish_left_out_samples_total")
          .help("Samples that a consumer cannot take, by publisher and reason")
          .labelNames("publisher", "reason")
          .register();

  private LeftOut() {}

  /**
   * Counts and tells.
   *
   * @param reason one of few, for the label
   * @param detail for people
   */
  static void add(PublisherUrl url, int samples, String reason, String detail) {
    SAMPLES.labelValues(url.shown(), reason).inc(samples);
    LOG.warn(
        "publisher={} samples={} left out, reason={}: {}", url.shown(), samples, reason, detail);
  }
}
