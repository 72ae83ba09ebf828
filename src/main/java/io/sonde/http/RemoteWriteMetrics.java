package io.sonde.http;

import io.prometheus.metrics.core.metrics.Counter;

/** What the remote write door counts beside what the intake counts for every door. */
final class RemoteWriteMetrics {
  static final Counter SKIPPED =
      Counter.builder()
          .name("sonde_remote_write_skipped_samples_total")
          .help("Samples passed over: stale (markers), nan, infinite or histogram (native ones)")
          .labelNames("reason")
          .register();
  static final Counter REFUSED =
      Counter.builder()
          .name("sonde_remote_write_refused_samples_total")
          .help("Samples answered with 400: labels (that name no series) or time")
          .labelNames("reason")
          .register();
  static final Counter UNKNOWN =
      Counter.builder()
          .name("sonde_remote_write_unknown_series_total")
          .help("Series whose labels were not in the cache and had to be read")
          .register();

  private RemoteWriteMetrics() {}
}
