package io.sonde.publish;

import io.prometheus.metrics.core.metrics.Counter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Samples that a consumer can never take: they are counted and passed over, the others go on. */
final class LeftOut {
  private static final Logger LOG = LoggerFactory.getLogger(LeftOut.class);

  static final Counter SAMPLES =
      Counter.builder()
          .name("sonde_publisher_rejected_samples_total")
          .help("Samples that consumers cannot take, by reason; not handed over again.")
          .labelNames("publisher", "reason")
          .register();

  private static final long LOG_INTERVAL = TimeUnit.MINUTES.toNanos(1);
  private static final Map<String, Untold> UNTOLD = new ConcurrentHashMap<>();

  private LeftOut() {}

  /** What was left out of one publisher since the last line about it. */
  private static final class Untold {
    private long samples;
    private long toldAt;
  }

  /**
   * Counts, and tells once a minute.
   *
   * @param reason one of few, for the label
   * @param detail for people, of these samples
   */
  static void add(PublisherUrl url, int samples, String reason, String detail) {
    SAMPLES.labelValues(url.shown(), reason).inc(samples);
    Untold untold = UNTOLD.computeIfAbsent(url.shown(), name -> new Untold());
    synchronized (untold) {
      untold.samples += samples;
      if (untold.toldAt != 0 && System.nanoTime() - untold.toldAt < LOG_INTERVAL) {
        return;
      }
      LOG.warn(
          "publisher={} samples={} left out, the last ones for {}: {}",
          url.shown(),
          untold.samples,
          reason,
          detail);
      untold.samples = 0;
      untold.toldAt = System.nanoTime();
    }
  }
}
