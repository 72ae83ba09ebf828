package io.sonde.audit;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;

/** What this node counts of checkpoints; {@code outlet} is its path or URL, without a password. */
final class AuditMetrics {
  static final Counter CHECKPOINTS =
      Counter.builder()
          .name("sonde_audit_checkpoints_total")
          .help("Checkpoints of the log that this node has made.")
          .register();

  static final Counter CONTRADICTIONS =
      Counter.builder()
          .name("sonde_audit_contradictions_total")
          .help("Findings that the journal or the log is not what a checkpoint said of it.")
          .register();

  static final Counter OUTLET_FAILURES =
      Counter.builder()
          .name("sonde_audit_outlet_failures_total")
          .help(
              "Tries to give an outlet its checkpoints that failed; the next checkpoint tries again.")
          .labelNames("outlet")
          .register();

  static final Gauge OUTLET_BEHIND =
      Gauge.builder()
          .name("sonde_audit_outlet_behind_checkpoints")
          .help("Checkpoints that an outlet has not got yet, as far as this node knows.")
          .labelNames("outlet")
          .register();

  private AuditMetrics() {}
}
