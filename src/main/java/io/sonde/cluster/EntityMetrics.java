package io.sonde.cluster;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;

/** What comes to this node and goes from it, by kind. */
public final class EntityMetrics {
  private static final Gauge ENTITIES =
      Gauge.builder()
          .name("sonde_entities")
          .help("Entities on this node.")
          .labelNames("kind")
          .register();

  private static final Counter HANDOVERS =
      Counter.builder()
          .name("sonde_handovers_total")
          .help("Entities that started on this node (in), and that went from it (out).")
          .labelNames("kind", "direction")
          .register();

  private static final Histogram RECOVERY =
      Histogram.builder()
          .name("sonde_recovery_seconds")
          .help("Time from the start of an entity on this node, or its failure, until it works.")
          .labelNames("kind")
          .classicOnly()
          .classicUpperBounds(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
          .register();

  static final Gauge MEMBERS =
      Gauge.builder()
          .name("sonde_cluster_members")
          .help(
              "Nodes of the cluster as this one sees them; those that it cannot reach count as unreachable too.")
          .labelNames("status")
          .register();

  static {
    for (EntityKind kind : EntityKind.values()) {
      ENTITIES.labelValues(kind.label());
    }
  }

  private EntityMetrics() {}

  /** An entity is here from now on. */
  public static void entered(EntityKind kind) {
    ENTITIES.labelValues(kind.label()).inc();
  }

  /** An entity is not here any more. */
  public static void left(EntityKind kind) {
    ENTITIES.labelValues(kind.label()).dec();
  }

  /** An entity started here and works. */
  public static void tookOver(EntityKind kind) {
    HANDOVERS.labelValues(kind.label(), "in").inc();
  }

  /** An entity was stopped here, to go on elsewhere. */
  public static void handedOver(EntityKind kind) {
    HANDOVERS.labelValues(kind.label(), "out").inc();
  }

  static void recovered(EntityKind kind, double seconds) {
    RECOVERY.labelValues(kind.label()).observe(seconds);
  }
}
