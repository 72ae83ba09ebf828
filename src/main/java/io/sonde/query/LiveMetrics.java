package io.sonde.query;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;

/** What the live streams of this node count. */
final class LiveMetrics {
  static final Gauge STREAMS =
      Gauge.builder()
          .name("sonde_live_streams")
          .help("Streams of live samples that are open on this node.")
          .register();

  static final Counter SAMPLES =
      Counter.builder()
          .name("sonde_live_samples_total")
          .help(
              "Samples for streams of this node, each once for every stream that asks for it:"
                  + " queued, or dropped as the client was too slow.")
          .labelNames("outcome")
          .register();

  private LiveMetrics() {}
}
