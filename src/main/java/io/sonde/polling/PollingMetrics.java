package io.sonde.polling;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;

/** What polling says of itself, as {@code sonde_poll_…}. */
final class PollingMetrics {
  /** How a poll ended. */
  enum Outcome {
    /** Read and, unless it was empty, stored. */
    OK,
    /** Could not be read. */
    FAILED,
    /** Not begun, because the one before it was still running. */
    SKIPPED,
    /** Read, but the intake could not store it. */
    UNSTORED;

    private final String label = name().toLowerCase(Locale.ROOT);
  }

  private final Counter polls;
  private final Counter looks;
  private final Counter samples;
  private final Counter nonFinite;
  private final Histogram duration;
  private final Histogram lateness;

  /** Registers all; once for each registry. */
  PollingMetrics(PrometheusRegistry registry) {
    polls =
        Counter.builder()
            .name("sonde_poll_outcomes_total")
            .help("Polls by how they ended: ok, failed, skipped (late) or unstored")
            .labelNames("source", "outcome")
            .register(registry);
    looks =
        Counter.builder()
            .name("sonde_poll_discoveries_total")
            .help("Looks for what there is to poll by how they ended: ok, failed or skipped")
            .labelNames("source", "outcome")
            .register(registry);
    samples =
        Counter.builder()
            .name("sonde_poll_samples_total")
            .help("Samples that were read and stored")
            .labelNames("source")
            .register(registry);
    nonFinite =
        Counter.builder()
            .name("sonde_poll_skipped_values_total")
            .help("Values of exporters left out because they are not finite")
            .register(registry);
    duration =
        Histogram.builder()
            .name("sonde_poll_duration_seconds")
            .help("Time to read a resource")
            .labelNames("source")
            .classicOnly()
            .classicUpperBounds(0.001, 0.01, 0.1, 1, 5)
            .register(registry);
    lateness =
        Histogram.builder()
            .name("sonde_poll_lateness_seconds")
            .help("Time from the moment that a poll was due until it began")
            .labelNames("source")
            .classicOnly()
            .classicUpperBounds(0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
            .register(registry);
  }

  /** Those of this process, in the default registry. */
  static PollingMetrics ofProcess() {
    return Holder.OF_PROCESS;
  }

  void count(String source, Outcome outcome, int count) {
    polls.labelValues(source, outcome.label).inc(count);
  }

  void samples(String source, int count) {
    samples.labelValues(source).inc(count);
  }

  void nonFinite(int count) {
    nonFinite.inc(count);
  }

  /** How a look of one of a source's discoveries ended. */
  void looked(String source, Outcome outcome) {
    looks.labelValues(source, outcome.label).inc();
  }

  /** How long after its time a poll began, in seconds. */
  void late(String source, double seconds) {
    lateness.labelValues(source).observe(Math.max(0, seconds));
  }

  void took(String source, double seconds) {
    duration.labelValues(source).observe(seconds);
  }

  /** How many polls of a source ended so, for tests. */
  long counted(String source, Outcome outcome) {
    return (long) polls.labelValues(source, outcome.label).get();
  }

  private static final class Holder {
    private static final PollingMetrics OF_PROCESS =
        new PollingMetrics(PrometheusRegistry.defaultRegistry);
  }
}
