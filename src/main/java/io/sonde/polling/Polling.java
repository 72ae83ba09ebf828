package io.sonde.polling;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.ClusterShardingSettings;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.typed.ClusterSingleton;
import akka.cluster.typed.SingletonActor;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.polling.DiscoveryAgent.Errand;
import io.sonde.polling.PollingSource.DiscoveryCall;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Starts polling on a node. */
public final class Polling {
  private Polling() {}

  /**
   * Starts this node's part; once for each system, on every node, after the HTTP server is bound
   * and the intake takes samples. Configured exporters are those of the oldest node's settings, so
   * all nodes are given the same sources.
   *
   * @param ownMetricsUrl where this node serves its own metrics
   * @param intake takes all samples of a poll in one batch; a failed answer means that they were
   *     not stored, and that poll is over
   */
  public static void start(
      ActorSystem<?> system,
      PollingSettings settings,
      String ownMetricsUrl,
      Function<SampleBatch, CompletionStage<Receipt>> intake) {
    PollingMetrics metrics = PollingMetrics.ofProcess();
    Clock clock = Clock.systemUTC();
    PollsterSet pollsters = settings.pollsters();
    pollsters.start(
        new PollingContext(
            settings.host(),
            ownMetricsUrl,
            settings.maxBody(),
            system.dispatchers().lookup(DispatcherSelector.blocking()),
            clock,
            metrics::nonFinite));
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
            "close-pollsters",
            () -> CompletableFuture.runAsync(pollsters::close).thenApply(closed -> Done.done()));
    PollingNode node = new PollingNode(settings.host(), pollsters, intake, metrics, clock);
    ActorRef<ShardingEnvelope<PolledResource.Command>> resources = resources(system, node);
    start(system, "poll-agent", PollAgent.create(node));
    List<Errand> local = errands(settings, true);
    if (!local.isEmpty()) {
      start(system, "poll-discovery", DiscoveryAgent.create(local, resources));
    }
    List<Errand> shared = errands(settings, false);
    if (!shared.isEmpty()) {
      ClusterSingleton.get(system)
          .init(
              SingletonActor.of(
                  restarting(DiscoveryAgent.create(shared, resources)), "poll-discovery-shared"));
    }
  }

  private static ActorRef<ShardingEnvelope<PolledResource.Command>> resources(
      ActorSystem<?> system, PollingNode node) {
    // The entity's only traffic is its own timer, so it would be passivated as idle.
    ClusterShardingSettings settings =
        ClusterShardingSettings.create(system)
            .withNoPassivationStrategy()
            .withRememberEntities(false);
    return ClusterSharding.get(system)
        .init(
            Entity.of(
                    PolledResource.KEY,
                    context ->
                        PolledResource.create(context.getEntityId(), context.getShard(), node))
                .withSettings(settings)
                .withStopMessage(PolledResource.stop()));
  }

  private static List<Errand> errands(PollingSettings settings, boolean isLocal) {
    List<Errand> errands = new ArrayList<>();
    for (PollingSource source : settings.sources()) {
      for (DiscoveryCall call : source.discoveries()) {
        Discovery discovery = settings.pollsters().discovery(call.name());
        if (discovery.isLocal() == isLocal) {
          errands.add(new Errand(source, call, discovery));
        }
      }
      if (!source.resources().isEmpty() && !isLocal) {
        errands.add(
            new Errand(source, ListedResources.CALL, new ListedResources(source.resources())));
      }
    }
    return errands;
  }

  private static <T> void start(ActorSystem<?> system, String name, Behavior<T> behavior) {
    system.systemActorOf(restarting(behavior), name, Props.empty());
  }

  private static <T> Behavior<T> restarting(Behavior<T> behavior) {
    return Behaviors.supervise(behavior).onFailure(SupervisorStrategy.restart());
  }
}
