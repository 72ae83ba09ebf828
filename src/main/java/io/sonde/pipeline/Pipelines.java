package io.sonde.pipeline;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.ClusterShardingSettings;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.typed.Cluster;
import io.sonde.cluster.EntityKind;
import io.sonde.cluster.Members;
import io.sonde.cluster.Role;
import io.sonde.model.UnavailableException;
import io.sonde.pipeline.PipelineStage.Batch;
import io.sonde.pipeline.PipelineStage.Delivery;
import io.sonde.pipeline.PipelineStage.Wake;
import io.sonde.store.PipelineStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the stages, and sees that those that ran on a node that died run again. */
public final class Pipelines {
  private static final Logger LOG = LoggerFactory.getLogger(Pipelines.class);

  /** A stage of a dead node has something to deliver, or a window to end, without being asked. */
  private static final Duration WAKE_INTERVAL = Duration.ofSeconds(3);

  private Pipelines() {}

  /**
   * Makes this node one on which stages may live, where it has the role; others only reach them.
   *
   * @param definitions the pipelines in force, which may change
   * @param delivery takes what comes through a sink, and completes when it is durable
   */
  public static Stages start(
      ActorSystem<?> system,
      Supplier<PipelineSettings> definitions,
      Delivery delivery,
      PipelineStore store,
      Executor blocking) {
    StageSettings settings =
        new StageSettings(definitions, delivery, new Remains(store, blocking), Clock.systemUTC());
    ClusterSharding sharding = ClusterSharding.get(system);
    sharding.init(
        EntityKind.STAGE.placed(
            Entity.of(
                    PipelineStage.TYPE_KEY,
                    entity -> PipelineStage.create(entity.getEntityId(), settings))
                // A stage that waits to deliver looks idle from outside.
                .withSettings(ClusterShardingSettings.create(system).withNoPassivationStrategy())));
    if (Cluster.get(system).selfMember().hasRole(Role.PIPELINE.configName())) {
      keepAwake(system, sharding, definitions, store, blocking);
    }
    Members members = new Members(system);
    return new Stages(
        definitions,
        (id, samples, timeout) -> {
          String absence = members.absence(Role.PIPELINE);
          return absence != null
              ? CompletableFuture.failedFuture(new UnavailableException(absence))
              : sharding
                  .entityRefFor(PipelineStage.TYPE_KEY, id)
                  .ask(replyTo -> new Batch(samples, replyTo), timeout);
        },
        delivery,
        settings.states());
  }

  private static void keepAwake(
      ActorSystem<?> system,
      ClusterSharding sharding,
      Supplier<PipelineSettings> definitions,
      PipelineStore store,
      Executor blocking) {
    ActorRef<List<String>> waker =
        system.systemActorOf(waker(sharding, definitions), "stage-waker", Props.empty());
    // Also those of sinks that are no more: what they hold back is to come out.
    blocking.execute(
        () -> {
          try {
            waker.tell(store.stages());
          } catch (RuntimeException e) {
            LOG.warn("stages of former sinks are not looked for: {}", e.toString());
          }
        });
  }

  /** Wakes all stages that may be in use, again and again; a message adds to them for good. */
  private static Behavior<List<String>> waker(
      ClusterSharding sharding, Supplier<PipelineSettings> definitions) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(List.of(), WAKE_INTERVAL);
          Set<String> stages = new TreeSet<>();
          return Behaviors.receiveMessage(
              found -> {
                stages.addAll(found);
                PipelineSettings settings = definitions.get();
                settings.sinks().stream()
                    .filter(sink -> !sink.isStateless())
                    .forEach(sink -> stages.addAll(settings.stagesOf(sink)));
                stages.forEach(
                    id -> sharding.entityRefFor(PipelineStage.TYPE_KEY, id).tell(Wake.INSTANCE));
                return Behaviors.same();
              });
        });
  }
}
