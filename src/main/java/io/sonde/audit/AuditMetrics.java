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

  static final Counter ARCHIVED_EVENTS =
      Counter.builder()
          .name("sonde_journal_archived_events_total")
          .help("Events of journals that this node has moved into files.")
          .register();

  static final Counter ARCHIVED_BYTES =
      Counter.builder()
          .name("sonde_journal_archived_bytes_total")
          .help("Bytes of the files that this node has moved events of journals into.")
          .register();

  static final Counter ARCHIVE_FAILURES =
      Counter.builder()
          .name("sonde_journal_archive_failures_total")
          .help("Tries to archive a journal that failed; the log says why.")
          .register();

  static final Gauge LAST_ARCHIVED =
      Gauge.builder()
          .name("sonde_journal_archived_timestamp_seconds")
          .help("When this node moved events of a journal into a file last, in seconds since 1970.")
          .register();

  private AuditMetrics() {}
}
