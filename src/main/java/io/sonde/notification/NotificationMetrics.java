package io.sonde.notification;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;

/** What the intake counts, by door. */
final class NotificationMetrics {
  static final Counter RECEIVED = counter("received", "Samples handed in");
  static final Counter ACCEPTED = counter("accepted", "Samples stored");
  static final Counter DUPLICATE = counter("duplicate", "Samples that were stored already");
  static final Counter CONFLICTING =
      counter("conflicting", "Duplicates with another volume than the stored first one");
  static final Counter FAILED =
      counter("failed", "Samples answered with a failure, stored in part or not at all");
  static final Counter REFUSED =
      counter("refused", "Samples that are older than what is kept of their meter");
  static final Counter UNMATCHED = counter("unmatched", "Samples that no pipeline source takes");
  static final Counter EVENTS =
      Counter.builder()
          .name("sonde_notification_events_total")
          .help("Events handed in, by what became of them")
          .labelNames("outcome")
          .register();
  static final Counter NOTIFICATIONS =
      Counter.builder()
          .name("sonde_notifications_total")
          .help("Notifications dealt with: stored, nothing made of them, or dead letters")
          .labelNames("outcome")
          .register();
  static final Counter REMARKS =
      Counter.builder()
          .name("sonde_notifications_remarks_total")
          .help(
              "Times that a definition took a notification and gave nothing, or less than it asks for")
          .register();
  static final Counter REDELIVERED =
      Counter.builder()
          .name("sonde_notifications_redelivered_total")
          .help("Messages that a broker delivered not for the first time")
          .register();
  static final Gauge CONNECTED =
      Gauge.builder()
          .name("sonde_notification_listener_connected")
          .help("Whether the listener has a connection to its broker")
          .labelNames("broker")
          .register();
  static final Gauge IN_FLIGHT =
      Gauge.builder()
          .name("sonde_notification_in_flight_samples")
          .help("Samples handed in and not yet answered")
          .register();

  private NotificationMetrics() {}

  private static Counter counter(String what, String help) {
    return Counter.builder()
        .name("sonde_notification_" + what + "_samples_total")
        .help(help)
        .labelNames("door")
        .register();
  }
}
