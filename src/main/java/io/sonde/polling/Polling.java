package io.sonde.polling;

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
import java.time.Clock;
import java.util.List;
import java.util.Map;
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
    HostPollster host =
        new HostPollster(
            settings.host(), system.dispatchers().lookup(DispatcherSelector.blocking()), clock);
    PrometheusPollster prometheus =
        new PrometheusPollster(settings.maxBody(), clock, metrics::nonFinite);
    PollingNode node =
        new PollingNode(
            settings.host(),
            Map.of(host.name(), host, prometheus.name(), prometheus),
            intake,
            metrics,
            clock);
    List<TargetFinder> finders =
        List.of(
            host.finder(),
            PrometheusTargets.own(settings.host(), ownMetricsUrl),
            PrometheusTargets.configured());
    ActorRef<ShardingEnvelope<PolledResource.Command>> resources = resources(system, node);
    start(system, "poll-agent", PollAgent.create(node));
    List<Discovery.Search> local = searches(settings, finders, true);
    if (!local.isEmpty()) {
      start(system, "poll-discovery", Discovery.create(local, settings.timeout(), resources));
    }
    List<Discovery.Search> shared = searches(settings, finders, false);
    if (!shared.isEmpty()) {
      ClusterSingleton.get(system)
          .init(
              SingletonActor.of(
                  restarting(Discovery.create(shared, settings.timeout(), resources)),
                  "poll-discovery-shared"));
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

  private static List<Discovery.Search> searches(
      PollingSettings settings, List<TargetFinder> finders, boolean local) {
    return settings.sources().stream()
        .flatMap(
            source ->
                finders.stream()
                    .filter(f -> f.local() == local && f.name().equals(source.discovery()))
                    .map(f -> new Discovery.Search(source, f)))
        .toList();
  }

  private static <T> void start(ActorSystem<?> system, String name, Behavior<T> behavior) {
    system.systemActorOf(restarting(behavior), name, Props.empty());
  }

  private static <T> Behavior<T> restarting(Behavior<T> behavior) {
    return Behaviors.supervise(behavior).onFailure(SupervisorStrategy.restart());
  }
}
