package io.sonde.cluster;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import akka.cluster.sharding.ClusterSharding;
import akka.cluster.sharding.ShardRegion;
import akka.cluster.sharding.ShardRegion.ShardRegionStats;
import akka.pattern.Patterns;
import io.sonde.cluster.NodeReport.CollectorState;
import io.sonde.cluster.NodeReport.Hosted;
import io.sonde.cluster.NodeReport.PublisherLag;
import io.sonde.cluster.NodeReport.StageBacklog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Speaks for its node: says what runs there, and how it stands with it. One runs on each node. */
public final class NodeAgent {
  /** The key under which all agents are registered. */
  static final ServiceKey<Command> ALL = ServiceKey.create(Command.class, "node-agents");

  /** Less than those who ask have patience for. */
  private static final Duration PATIENCE = Duration.ofMillis(1_500);

  private final ActorSystem<?> system;
  private final Facts facts;

  /** What it is told. */
  public sealed interface Command permits Tell, Told {}

  /** Asks how it stands with the node. */
  public record Tell(ActorRef<NodeReport> replyTo) implements Command, ClusterMessage {}

  private record Told(List<Hosted> hosted, ActorRef<NodeReport> replyTo)
      implements Command, NoSerializationVerificationNeeded {}

  /**
   * What the agent is to say, asked for each time. None of it blocks.
   *
   * @param version of the program
   * @param http where the HTTP server is
   * @param unready why the node is not ready, or null
   * @param inFlight samples that are on their way
   */
  public record Facts(
      String version,
      String http,
      Supplier<String> unready,
      LongSupplier inFlight,
      Supplier<List<CollectorState>> collectors,
      Supplier<List<PublisherLag>> publishers,
      Supplier<List<StageBacklog>> stages) {}

  private NodeAgent(ActorSystem<?> system, Facts facts) {
    this.system = system;
    this.facts = facts;
  }

  /** Starts that of this node. */
  public static void start(ActorSystem<?> system, Facts facts) {
    system.systemActorOf(
        Behaviors.supervise(new NodeAgent(system, facts).behavior())
            .onFailure(SupervisorStrategy.restart()),
        "node-agent",
        Props.empty());
  }

  private Behavior<Command> behavior() {
    return Behaviors.setup(
        context -> {
          context.getSystem().receptionist().tell(Receptionist.register(ALL, context.getSelf()));
          return Behaviors.receive(Command.class)
              .onMessage(
                  Tell.class,
                  tell -> {
                    context.pipeToSelf(
                        hosted(), (hosted, failure) -> new Told(hosted, tell.replyTo()));
                    return Behaviors.same();
                  })
              .onMessage(
                  Told.class,
                  told -> {
                    told.replyTo().tell(report(told.hosted()).bounded());
                    return Behaviors.same();
                  })
              .build();
        });
  }

  private NodeReport report(List<Hosted> hosted) {
    return new NodeReport(
        new Members(system).self(),
        facts.version(),
        system.startTime(),
        facts.http(),
        facts.unready().get(),
        facts.inFlight().getAsLong(),
        hosted,
        facts.collectors().get(),
        facts.publishers().get(),
        facts.stages().get(),
        false);
  }

  /** Never fails. */
  private CompletionStage<List<Hosted>> hosted() {
    ClusterSharding sharding = ClusterSharding.get(Adapter.toClassic(system));
    List<CompletableFuture<Hosted>> all = new ArrayList<>();
    for (EntityKind kind : EntityKind.values()) {
      // Where a node only reaches them it has a proxy instead, which is not among these.
      if (sharding.getShardTypeNames().contains(kind.typeName())) {
        all.add(
            Patterns.ask(
                    sharding.shardRegion(kind.typeName()),
                    ShardRegion.getRegionStatsInstance(),
                    PATIENCE)
                .handle((stats, failure) -> hosted(kind, stats))
                .toCompletableFuture());
      }
    }
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
  }

  private static Hosted hosted(EntityKind kind, Object answer) {
    if (!(answer instanceof ShardRegionStats stats)) {
      return new Hosted(kind, -1, -1);
    }
    int entities = stats.getStats().values().stream().mapToInt(n -> (Integer) n).sum();
    return new Hosted(kind, stats.getStats().size(), entities);
  }
}
