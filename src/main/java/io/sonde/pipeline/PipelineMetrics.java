package io.sonde.pipeline;

import io.prometheus.metrics.core.metrics.Counter;

/** What stages count, by sink. */
final class PipelineMetrics {
  static final Counter EMITTED =
      Counter.builder()
          .name("sonde_pipeline_emitted_samples_total")
          .help("Samples that transformers made")
          .labelNames("sink")
          .register();
  static final Counter SKIPPED =
      Counter.builder()
          .name("sonde_pipeline_skipped_samples_total")
          .help("Samples of which transformers made nothing")
          .labelNames("sink", "reason")
          .register();
  static final Counter DELIVERY_FAILURES =
      Counter.builder()
          .name("sonde_pipeline_delivery_failures_total")
          .help("Deliveries of emitted samples that failed and are tried again")
          .labelNames("sink")
          .register();

  static final Counter EVICTED =
      Counter.builder()
          .name("sonde_pipeline_evicted_series_total")
          .help("Series that were idle, whose memory moved from the stage to the database")
          .labelNames("sink")
          .register();

  private PipelineMetrics() {}
}
