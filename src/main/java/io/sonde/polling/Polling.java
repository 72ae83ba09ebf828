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
import io.sonde.cluster.EntityKind;
import io.sonde.model.Event;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.store.DiscoveredStore;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Starts polling on a node. */
public final class Polling {
  /** So soon after the node of an errand went, another takes it up. */
  private static final Duration WAKE_EVERY = Duration.ofSeconds(2);

  private final ActorSystem<?> system;
  private final PollingSettings settings;
  private final Executor blocking;

  /**
   * This node's part; once for each system. All nodes are given the same sources, and those that
   * poll are started; the others only {@link #reach} what is polled there.
   *
   * @param blocking runs what waits for the database
   */
  public Polling(ActorSystem<?> system, PollingSettings settings, Executor blocking) {
    this.system = system;
    this.settings = settings;
    this.blocking = blocking;
  }

  /** What can be asked of it, before and after its start. */
  public PollingService service() {
    return new PollingService(system, settings);
  }

  /** Makes known the way to what other nodes poll, on a node that does not poll. */
  public void reach() {
    ClusterSharding sharding = ClusterSharding.get(system);
    sharding.init(
        EntityKind.DISCOVERY.placed(Entity.of(DiscoveryAgent.KEY, context -> Behaviors.stopped())));
    sharding.init(
        EntityKind.POLLED_RESOURCE.placed(
            Entity.of(PolledResource.KEY, context -> Behaviors.stopped())));
  }

  /**
   * Starts it, after the HTTP server is bound and the intake takes samples.
   *
   * @param ownMetricsUrl where this node serves its own metrics
   * @param intake takes all samples of a poll in one batch; a failed answer means that they were
   *     not stored, and that poll is over
   * @param events takes what is to be told of resources; its answer means that it is durable
   */
  public void start(
      String ownMetricsUrl,
      Function<SampleBatch, CompletionStage<Receipt>> intake,
      Function<List<Event>, CompletionStage<Receipt>> events,
      DiscoveredStore discovered) {
    start(ownMetricsUrl, intake, events, DiscoveryMemory.of(discovered, blocking));
  }

  void start(
      String ownMetricsUrl,
      Function<SampleBatch, CompletionStage<Receipt>> intake,
      Function<List<Event>, CompletionStage<Receipt>> events,
      DiscoveryMemory memory) {
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
    PollingNode node = PollingNode.of(settings, intake, metrics, clock);
    DiscoveryAgent.Environment environment =
        new DiscoveryAgent.Environment(node, memory, events::apply, resources(node));
    Map<Errand, ActorRef<DiscoveryAgent.Command>> local = new HashMap<>();
    Map<String, Errand> shared = new HashMap<>();
    for (Errand errand : Errand.of(settings)) {
      if (errand.isLocal()) {
        String name = "poll-discovery-" + encoded(errand.id());
        local.put(errand, start(name, DiscoveryAgent.create(errand, environment)));
      } else {
        shared.put(errand.id(), errand);
      }
    }
    start("poll-agent", PollAgent.create(node, local));
    share(shared, environment);
  }

  /** Each errand of the cluster is an entity, which all nodes keep awake. */
  private void share(Map<String, Errand> errands, DiscoveryAgent.Environment environment) {
    ClusterSharding sharding = ClusterSharding.get(system);
    sharding.init(
        EntityKind.DISCOVERY.placed(
            Entity.of(
                    DiscoveryAgent.KEY,
                    context -> {
                      Errand errand = errands.get(context.getEntityId());
                      // Another node's configuration may name a source that this one's does not.
                      return errand == null
                          ? Behaviors.stopped()
                          : restarting(DiscoveryAgent.create(errand, environment));
                    })
                .withSettings(lasting())
                .withStopMessage(DiscoveryAgent.stop())));
    if (!errands.isEmpty()) {
      system
          .scheduler()
          .scheduleWithFixedDelay(
              Duration.ZERO,
              WAKE_EVERY,
              () -> wake(sharding, errands.keySet()),
              system.executionContext());
    }
  }

  private void wake(ClusterSharding sharding, Set<String> errands) {
    if (!PollingNode.isStopping(system)) {
      errands.forEach(
          id -> sharding.entityRefFor(DiscoveryAgent.KEY, id).tell(new DiscoveryAgent.Wake()));
    }
  }

  private ActorRef<ShardingEnvelope<PolledResource.Command>> resources(PollingNode node) {
    ClusterSharding sharding = ClusterSharding.get(system);
    return sharding.init(
        EntityKind.POLLED_RESOURCE.placed(
            Entity.of(
                    PolledResource.KEY,
                    context ->
                        PolledResource.create(
                            context.getEntityId(),
                            context.getShard(),
                            node,
                            // Waits in this node's region until the shard's next place is known.
                            sharding.entityRefFor(PolledResource.KEY, context.getEntityId())::tell))
                .withSettings(lasting())
                .withStopMessage(PolledResource.stop())));
  }

  /** The only traffic of these entities are their own timers: they would be stopped as idle. */
  private ClusterShardingSettings lasting() {
    return ClusterShardingSettings.create(system)
        .withNoPassivationStrategy()
        .withRememberEntities(false);
  }

  private <T> ActorRef<T> start(String name, Behavior<T> behavior) {
    return system.systemActorOf(restarting(behavior), name, Props.empty());
  }

  private static <T> Behavior<T> restarting(Behavior<T> behavior) {
    return Behaviors.supervise(behavior).onFailure(SupervisorStrategy.restart());
  }

  private static String encoded(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8);
  }
}
