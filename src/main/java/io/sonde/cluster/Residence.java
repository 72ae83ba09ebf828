package io.sonde.cluster;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stay of one entity on this node: its beginning and its end are said in the log, with reason
 * and duration, and counted. Used by the entity alone.
 */
public final class Residence {
  private static final Logger LOG = LoggerFactory.getLogger(Residence.class);

  private final EntityKind kind;
  private final String id;
  private long since = System.nanoTime();
  private boolean hasFailed;
  private boolean isRecovered;
  private boolean isOver;

  private Residence(EntityKind kind, String id) {
    this.kind = kind;
    this.id = id;
  }

  /** An entity begins to start here. */
  public static Residence begin(EntityKind kind, String id) {
    EntityMetrics.entered(kind);
    return new Residence(kind, id);
  }

  /**
   * The entity works, for the first time or again.
   *
   * @param facts what it came to, as {@code name=value}
   */
  public void recovered(String facts) {
    if (isRecovered) {
      return;
    }
    long nanos = System.nanoTime() - since;
    LOG.info(
        "{}={} {} {} recovered in {} ms",
        kind.label(),
        id,
        hasFailed ? "started again" : "started here",
        facts,
        nanos / 1_000_000);
    EntityMetrics.recovered(kind, nanos / 1e9);
    if (!hasFailed) {
      EntityMetrics.tookOver(kind);
    }
    isRecovered = true;
  }

  /** The entity failed, and starts again where it is. */
  public void failed() {
    if (isRecovered) {
      isRecovered = false;
      hasFailed = true;
      since = System.nanoTime();
    }
  }

  /** The entity ends here because its shard goes elsewhere. */
  public void handedOver(ActorSystem<?> system) {
    boolean isStopping = CoordinatedShutdown.get(system).getShutdownReason().isPresent();
    end(isStopping ? "handed over: this node stops" : "handed over: its shard moves");
  }

  /** The entity ends here; only the first reason counts. */
  public void end(String reason) {
    if (isOver) {
      return;
    }
    isOver = true;
    LOG.info("{}={} {}", kind.label(), id, reason);
    EntityMetrics.left(kind);
    EntityMetrics.handedOver(kind);
  }
}
