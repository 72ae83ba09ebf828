package io.sonde.collector;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;

/** What the collectors of this node count. */
final class CollectorMetrics {
  static final Counter SAMPLES =
      Counter.builder()
          .name("sonde_collector_samples_total")
          .help("Samples decided by the collectors of this node, by what became of them.")
          .labelNames("outcome")
          .register();

  static final Counter EVENTS =
      Counter.builder()
          .name("sonde_collector_events_total")
          .help("Events written to the journal by the collectors of this node.")
          .register();

  static final Counter EVENT_BYTES =
      Counter.builder()
          .name("sonde_collector_event_bytes_total")
          .help("Bytes of the events written to the journal by the collectors of this node.")
          .register();

  static final Counter FLUSHES =
      Counter.builder()
          .name("sonde_collector_flushes_total")
          .help("Flushes of the collectors of this node, by outcome.")
          .labelNames("outcome")
          .register();

  static final Histogram FLUSH_SECONDS =
      Histogram.builder()
          .name("sonde_collector_flush_seconds")
          .help("Time that a flush takes to encode and write, seconds.")
          .classicUpperBounds(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
          .classicOnly()
          .register();

  static final Counter MERGED_ROWS =
      Counter.builder()
          .name("sonde_collector_merged_rows_total")
          .help("Chunk rows that the collectors of this node merged into larger ones.")
          .register();

  static final Counter DROPPED_ROWS =
      Counter.builder()
          .name("sonde_collector_dropped_rows_total")
          .help("Chunk rows that the collectors of this node dropped as they were too old.")
          .register();

  static final Gauge BROKEN =
      Gauge.builder()
          .name("sonde_collector_broken")
          .help("1 for each collector of this node whose journal or snapshot is damaged.")
          .labelNames("collector")
          .register();

  private CollectorMetrics() {}
}
