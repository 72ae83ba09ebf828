package io.sonde.cluster;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.receptionist.Receptionist;
import io.sonde.cluster.ClusterView.NodeView;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks all nodes how it stands with them. */
public final class ClusterService {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final ActorSystem<?> system;
  private final Members members;

  /** That of a node. */
  public ClusterService(ActorSystem<?> system) {
    this.system = system;
    this.members = new Members(system);
  }

  /** What there is to be seen within two seconds and a little. Never fails. */
  public CompletionStage<ClusterView> view() {
    return agents().thenCompose(this::reports).thenApply(this::view);
  }

  private ClusterView view(Map<String, NodeReport> reports) {
    List<NodeView> nodes =
        members.all().stream()
            .map(node -> new NodeView(node, reports.get(node.address())))
            .toList();
    List<Role> missing =
        Arrays.stream(Role.values()).filter(role -> members.absence(role) != null).toList();
    return new ClusterView(members.self(), missing, nodes);
  }

  private CompletionStage<Map<String, NodeReport>> reports(
      Set<ActorRef<NodeAgent.Command>> agents) {
    List<CompletableFuture<NodeReport>> all =
        agents.stream().map(agent -> report(agent).toCompletableFuture()).toList();
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
        .thenApply(
            done -> {
              Map<String, NodeReport> reports = new HashMap<>();
              for (CompletableFuture<NodeReport> one : all) {
                NodeReport report = one.join();
                if (report != null) {
                  reports.put(report.address(), report);
                }
              }
              return reports;
            });
  }

  private CompletionStage<NodeReport> report(ActorRef<NodeAgent.Command> agent) {
    return AskPattern.<NodeAgent.Command, NodeReport>ask(
            agent, NodeAgent.Tell::new, PATIENCE, system.scheduler())
        .exceptionally(silent -> null);
  }

  private CompletionStage<Set<ActorRef<NodeAgent.Command>>> agents() {
    return AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
            system.receptionist(),
            replyTo -> Receptionist.find(NodeAgent.ALL, replyTo),
            PATIENCE,
            system.scheduler())
        .thenApply(listing -> listing.getServiceInstances(NodeAgent.ALL))
        .exceptionally(silent -> Set.of());
  }
}
