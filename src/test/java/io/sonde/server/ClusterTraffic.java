package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.NetworkCluster.Node;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the outside does with a cluster all the time: pushes to each node, notifications to one
 * after the other, counters that are polled; and the checks of what came of it.
 */
final class ClusterTraffic implements AutoCloseable {
  private static final Duration FINISHED = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final History history;
  private final PolledCounters counters;
  private final NumberedNotifications notifications;
  private final Map<Node, Probe> probes = new LinkedHashMap<>();
  private final List<Pushing> pushings = new ArrayList<>();

  /** Begins. */
  ClusterTraffic(NetworkCluster cluster, PolledCounters counters, History history, long seed) {
    this.history = history;
    this.counters = counters;
    List<URI> bases = cluster.members().stream().map(Node::base).toList();
    notifications = new NumberedNotifications(bases);
    for (Node node : cluster.members()) {
      probes.put(node, new Probe(history, node.base()));
      Pushing pushing = new Pushing(history, seed + node.host().number(), 1, PAUSE);
      pushing.to(node.base());
      pushing.start();
      pushings.add(pushing);
    }
  }

  /** Another life of the servers begins, as far as the history is concerned. */
  void nextRound() {
    history.nextRound();
  }

  /** That of a node that is there from the beginning. */
  Probe probe(Node node) {
    return probes.get(node);
  }

  /** Begins to push to another node. */
  Probe newProbe(Node node) {
    return new Probe(history, node.base());
  }

  PolledCounters counters() {
    return counters;
  }

  /** What servers answered that they must not answer. */
  List<String> complaints() {
    List<String> all = new ArrayList<>(notifications.complaints());
    pushings.forEach(pushing -> all.addAll(pushing.complaints()));
    probes.values().stream()
        .flatMap(probe -> probe.answersTo(Long.MIN_VALUE, Long.MAX_VALUE).stream())
        .filter(answer -> !List.of(Probe.NONE, 201, 503).contains(answer.status()))
        .forEach(answer -> all.add(answer.status() + ": " + answer.body()));
    return all;
  }

  /** Ends all of it, once what will be sent again was acknowledged, and looks at all of it. */
  void finish(FaultRun run, NetworkCluster cluster) throws SQLException {
    pushings.forEach(pushing -> pushing.finish(FINISHED));
    close();
    URI base = cluster.members().get(0).base();
    run.compare(base, cluster.rows());
    assertThat(complaints()).as("answers").isEmpty();
    notifications.check(base);
    String missing = counters.check(base);
    System.out.println(
        ("  pushes answered 503: " + pushings.stream().mapToInt(Pushing::refusedCount).sum())
            + (", broken off: " + pushings.stream().mapToInt(Pushing::brokenCount).sum())
            + ("; notifications: " + notifications.acknowledgedCount() + "; " + missing));
  }

  @Override
  public void close() {
    pushings.forEach(Pushing::close);
    probes.values().forEach(Probe::close);
    notifications.close();
  }
}
