package io.sonde.server;

import akka.actor.DeadLetter;
import akka.actor.Dropped;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import io.sonde.collector.Collector;
import io.sonde.pipeline.PipelineStage;

/**
 * Sends again what sharding drops. A region that is told to hand a shard off throws away what it
 * buffered for it, because what others forward could overtake it; the sender would learn of that by
 * its time-out only. Nothing of ours relies on that order: who cares for it waits for each answer.
 */
final class HandOffs {
  /** As in {@code ShardRegion}; other messages are dropped because something is full or stops. */
  private static final String REASON = "Avoiding reordering";

  private HandOffs() {}

  /** Watches over a node's collectors and stages. */
  static void watch(ActorSystem<?> system) {
    ClusterSharding sharding = ClusterSharding.get(system);
    Behavior<DeadLetter> behavior =
        Behaviors.receive(
            (context, letter) -> {
              if (letter.message() instanceof Dropped dropped
                  && dropped.reason().startsWith(REASON)
                  && dropped.message() instanceof ShardingEnvelope<?> envelope
                  && resend(sharding, envelope)) {
                context.getLog().info("sent again to {}", envelope.entityId());
              }
              return Behaviors.same();
            });
    ActorRef<DeadLetter> watcher = system.systemActorOf(behavior, "hand-offs", Props.empty());
    // By the classic way: the typed one would begin to listen some time later only.
    Adapter.toClassic(system).eventStream().subscribe(Adapter.toClassic(watcher), DeadLetter.class);
  }

  private static boolean resend(ClusterSharding sharding, ShardingEnvelope<?> envelope) {
    if (envelope.message() instanceof Collector.Command command) {
      sharding.entityRefFor(Collector.TYPE_KEY, envelope.entityId()).tell(command);
    } else if (envelope.message() instanceof PipelineStage.Command command) {
      sharding.entityRefFor(PipelineStage.TYPE_KEY, envelope.entityId()).tell(command);
    } else {
      return false;
    }
    return true;
  }
}
