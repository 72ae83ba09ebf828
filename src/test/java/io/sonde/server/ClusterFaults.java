package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.NetworkCluster.Node;
import io.sonde.server.TestNetwork.Slow;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Does to a cluster under load what goes wrong in earnest, measures for how long it did not serve,
 * and demands that it serves again.
 */
final class ClusterFaults {
  /**
   * Until the part of a cluster that can serve does, with room for a machine that has other work.
   */
  private static final Duration TAKE_OVER = Duration.ofSeconds(60);

  /** Until all nodes serve, once nothing is wrong any more. */
  private static final Duration HEALED = Duration.ofSeconds(90);

  /** Until resources are polled, once the nodes that can serve do. */
  private static final Duration POLLED = PolledCounters.INTERVAL.plusSeconds(30);

  /** A node that was given up may poll for so long although another one does in its place. */
  private static final Duration BY_TWO = Duration.ofSeconds(30);

  /** Until a node is met in a transaction, which are short. */
  private static final Duration FOUND = Duration.ofMinutes(2);

  /** For how long nodes are watched after a fault, and a node that must refuse. */
  private static final Duration WATCHED = Duration.ofSeconds(5);

  /** What a node logs that gives others up, and one that gives itself up. */
  private static final String DOWNING = "SBR took decision Down";

  private static final String GIVING_UP = "giving up the place in the cluster";

  private static final int LOG_LINES = 300;

  /** What goes wrong. */
  enum Kind {
    /** A node is killed, and started again. */
    KILL,
    /** A node leaves and comes back, and while shards move to it another one is killed. */
    KILL_AFTER_RETURN,
    /** All nodes are killed at once, and started again. */
    KILL_ALL,
    /** A node stands still, shorter than it takes to be given up. */
    PAUSE_5_S,
    PAUSE_30_S,
    PAUSE_120_S,
    /** A node stands still with a transaction open that has written. */
    PAUSE_IN_TRANSACTION,
    /** A node is cut off from the other two; the database and its clients reach it. */
    HALVES,
    /** A node's cable is pulled. */
    ISOLATED,
    /** A node's cable is pulled while a transaction of it is open that has written. */
    ISOLATED_IN_TRANSACTION,
    /** A node is cut off from the other two and from the database; its clients reach it. */
    CUT_OFF,
    /** The others hear nothing of a node, which hears them. */
    MUTE,
    /** A node hears nothing of the others, which hear it. */
    DEAF,
    /** Two of the three hear nothing of each other. */
    PAIR,
    /** A node is cut off from the database alone. */
    NO_DATABASE,
    /** PostgreSQL is ended in order, and started again. */
    POSTGRES_FAST,
    /** PostgreSQL is ended at once, and started again. */
    POSTGRES_IMMEDIATE,
    /** Everything a node sends and hears takes 100 ms each way. */
    SLOW_200_MS,
    /** A node's link carries 1 Mbit/s. */
    SLOW_1_MBIT,
    /** Of all that a node sends and hears, 5 % is lost. */
    LOSSY_5_PERCENT,
    /** A node leaves (SIGTERM), and comes back. */
    LEAVE,
    /** One more node comes, and leaves. */
    GROW,
    /** All nodes are restarted, one after the other. */
    ROLLING;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** How long it took, in milliseconds. */
  private record Figures(long away, long awayAfterwards, long back, long missed, long byTwo) {}

  private final NetworkCluster cluster;
  private final TestNetwork network;
  private final ClusterTraffic traffic;
  private final Random random;
  private final Duration longest;
  private final Map<Kind, List<Figures>> figures = new EnumMap<>(Kind.class);
  private final List<String> failures = new ArrayList<>();

  /**
   * Prepares.
   *
   * @param longest cut and slow networks last for half of that at least; zero: no longer than it
   *     takes to see what becomes of them
   */
  ClusterFaults(
      NetworkCluster cluster,
      TestNetwork network,
      ClusterTraffic traffic,
      Random random,
      Duration longest) {
    this.longest = longest;
    this.cluster = cluster;
    this.network = network;
    this.traffic = traffic;
    this.random = random;
  }

  /** Waits until all nodes serve and all is polled. */
  void awaitCalm() {
    long now = System.nanoTime();
    awaitServed(all(), now, HEALED);
    Wait.until(POLLED.plus(POLLED), "all is polled", () -> traffic.counters().arePolledSince(now));
  }

  /**
   * Does it once, to a node that is drawn, and takes note of what it took. What is not as it must
   * be is printed and kept among the {@link #failures}; then all nodes are started anew.
   */
  void strike(Kind kind) throws IOException {
    List<Node> drawn = new ArrayList<>(cluster.members());
    Collections.shuffle(drawn, random);
    Wait.reached(Duration.ofMillis(random.nextInt(3_000)), () -> false);
    traffic.nextRound();
    int complaints = traffic.complaints().size();
    try {
      Figures found = strike(kind, drawn);
      figures.computeIfAbsent(kind, first -> new ArrayList<>()).add(found);
      System.out.println("  " + kind + " of " + drawn.get(0) + ": " + found);
      System.out.println("    sessions in PostgreSQL: " + cluster.sessionCount());
      assertThat(found.byTwo()).as("polls by two nodes, ms").isLessThan(BY_TWO.toMillis());
      List<String> all = traffic.complaints();
      assertThat(all.subList(complaints, all.size())).as("answers").isEmpty();
    } catch (Exception | AssertionError e) {
      String failure = kind + " of " + drawn + ": " + e.getMessage();
      failures.add(failure);
      explain(failure);
      startAnew();
    }
  }

  private void explain(String failure) {
    System.out.println("FAILED: " + failure);
    try {
      cluster.sessions().forEach(System.out::println);
    } catch (SQLException e) {
      System.out.println("PostgreSQL: " + e.getMessage());
    }
    for (Node node : cluster.members()) {
      System.out.println("---- last lines of " + node);
      node.process().lastLines(LOG_LINES).forEach(System.out::println);
    }
  }

  private void startAnew() throws IOException {
    network.mend();
    cluster.members().forEach(node -> node.process().kill9());
    if (cluster.spare().process().isAlive()) {
      cluster.spare().process().kill9();
    }
    startEnded();
    awaitServed(all(), System.nanoTime(), HEALED);
  }

  /** All that was not as it must be. */
  List<String> failures() {
    return failures;
  }

  /** How often which fault was done. */
  String counts() {
    StringBuilder counts = new StringBuilder("three nodes in a network:");
    figures.forEach((kind, all) -> counts.append(' ').append(kind).append('=').append(all.size()));
    return counts.toString();
  }

  /** Of each kind the figures in the middle and the worst ones, as rows of a table. */
  void print() {
    System.out.println(
        "| fault | times | away, ms | worst | away after it, ms | worst | back, ms | worst"
            + " | polls missed | worst | by two, ms | worst |");
    figures.forEach(
        (kind, all) ->
            System.out.println(
                ("| " + kind + " | " + all.size())
                    + cells(all.stream().map(Figures::away).toList())
                    + cells(all.stream().map(Figures::awayAfterwards).toList())
                    + cells(all.stream().map(Figures::back).toList())
                    + cells(all.stream().map(Figures::missed).toList())
                    + cells(all.stream().map(Figures::byTwo).toList())
                    + " |"));
  }

  private static String cells(List<Long> values) {
    List<Long> sorted = values.stream().sorted().toList();
    return " | " + sorted.get(sorted.size() / 2) + " | " + sorted.get(sorted.size() - 1);
  }

  private Figures strike(Kind kind, List<Node> drawn) throws Exception {
    Node victim = drawn.get(0);
    Node second = drawn.get(1);
    Node third = drawn.get(2);
    List<List<Node>> others = List.of(List.of(second), List.of(third));
    List<List<Node>> each = List.of(List.of(victim), List.of(second), List.of(third));
    List<List<Node>> any = List.of(drawn);
    List<Node> none = List.of();
    List<Node> it = List.of(victim);
    // Drawn for all kinds, so that what follows does not depend on the kind.
    Duration some = longest.multipliedBy(50 + random.nextInt(51)).dividedBy(100);
    return switch (kind) {
      case KILL -> around(others, none, () -> victim.process().kill9(), Duration.ZERO);
      case KILL_AFTER_RETURN ->
          around(
              List.of(it, List.of(third)),
              none,
              () -> {
                leave(victim);
                victim.process().start();
                Wait.reached(Duration.ofMillis(random.nextInt(12_000)), () -> false);
                second.process().kill9();
              },
              Duration.ZERO);
      case KILL_ALL ->
          around(
              any,
              none,
              () -> {
                drawn.forEach(node -> node.process().kill9());
                startEnded();
              },
              Duration.ZERO);
      case PAUSE_5_S ->
          undisturbed(
              others,
              () -> {
                victim.process().signal("STOP");
                Wait.reached(Duration.ofSeconds(5), () -> false);
                victim.process().signal("CONT");
              },
              Duration.ZERO);
      case PAUSE_30_S ->
          around(others, none, () -> victim.process().signal("STOP"), Duration.ofSeconds(30));
      case PAUSE_120_S ->
          around(others, none, () -> victim.process().signal("STOP"), Duration.ofMinutes(2));
      case PAUSE_IN_TRANSACTION ->
          around(others, none, () -> stopInTransaction(victim), Duration.ofSeconds(30));
      case HALVES ->
          around(
              others,
              it,
              () -> {
                network.cut(victim.host(), second.host());
                network.cut(victim.host(), third.host());
              },
              some);
      case ISOLATED -> around(others, none, () -> network.pull(victim.host()), some);
      case ISOLATED_IN_TRANSACTION ->
          around(
              others,
              none,
              () -> {
                stopInTransaction(victim);
                network.pull(victim.host());
                victim.process().signal("CONT");
              },
              some);
      case CUT_OFF ->
          around(
              others,
              it,
              () -> {
                network.cut(victim.host(), second.host());
                network.cut(victim.host(), third.host());
                network.cut(victim.host(), network.databaseAddress());
              },
              some);
      case MUTE ->
          around(
              others,
              it,
              () -> {
                network.cut(victim.host(), second.host().address());
                network.cut(victim.host(), third.host().address());
              },
              some);
      case DEAF ->
          around(
              others,
              it,
              () -> {
                network.cut(second.host(), victim.host().address());
                network.cut(third.host(), victim.host().address());
              },
              some);
      // Which of them goes on is not for us to say.
      case PAIR -> around(any, none, () -> network.cut(victim.host(), second.host()), some);
      case NO_DATABASE ->
          around(others, it, () -> network.cut(victim.host(), network.databaseAddress()), some);
      case POSTGRES_FAST -> around(each, none, () -> cluster.restartPostgres("INT"), Duration.ZERO);
      case POSTGRES_IMMEDIATE ->
          around(each, none, () -> cluster.restartPostgres("QUIT"), Duration.ZERO);
      case SLOW_200_MS -> slow(each, victim, new Slow(Duration.ofMillis(100), 0, 0), some);
      case SLOW_1_MBIT -> slow(each, victim, new Slow(Duration.ZERO, 1_000_000, 0), some);
      case LOSSY_5_PERCENT -> slow(each, victim, new Slow(Duration.ZERO, 0, 0.05), some);
      case LEAVE -> around(others, none, () -> leave(victim), Duration.ZERO);
      case GROW -> around(each, none, () -> comeAndLeave(cluster.spare(), some), Duration.ZERO);
      case ROLLING ->
          around(
              any,
              none,
              () -> {
                for (Node node : drawn) {
                  leave(node);
                  node.process().start();
                  awaitServed(each, System.nanoTime(), HEALED);
                }
              },
              Duration.ZERO);
    };
  }

  private Figures slow(List<List<Node>> serving, Node victim, Slow slow, Duration lasts)
      throws Exception {
    long seed = random.nextInt();
    return undisturbed(serving, () -> network.slow(victim.host(), slow, seed), lasts);
  }

  /** Again and again, until it is met there. */
  private void stopInTransaction(Node node) {
    Wait.until(
        FOUND,
        "a transaction of " + node,
        () -> {
          node.process().signal("STOP");
          if (cluster.isInTransaction(node)) {
            return true;
          }
          node.process().signal("CONT");
          return false;
        });
  }

  private void comeAndLeave(Node node, Duration stays) {
    node.process().start();
    try (Probe probe = traffic.newProbe(node)) {
      long since = System.nanoTime();
      Wait.until(HEALED, node + " serves", () -> probe.isServedSince(since));
      Wait.reached(stays, () -> false);
    }
    leave(node);
  }

  private static void leave(Node node) {
    assertThat(node.process().terminate()).as("exit code of " + node).isIn(0, 143);
  }

  /** Work that may fail. */
  private interface Deed {
    void run() throws Exception;
  }

  /** As {@link #around}; no node may be given up. */
  private Figures undisturbed(List<List<Node>> serving, Deed fault, Duration lasts)
      throws Exception {
    Map<Node, Integer> logged = new HashMap<>();
    cluster.members().forEach(node -> logged.put(node, node.process().output().length()));
    Figures found = around(serving, List.of(), fault, lasts);
    logged.forEach(
        (node, before) ->
            assertThat(node.process().output().substring(before).lines())
                .as("what " + node + " says")
                .noneMatch(line -> line.contains(DOWNING) || line.contains(GIVING_UP)));
    return found;
  }

  /**
   * Does something, waits until those nodes serve that must and those refuse that must, lets it
   * last, makes all good again, and waits until all nodes serve.
   *
   * @param serving groups, in each of which at least one node must serve
   */
  private Figures around(List<List<Node>> serving, List<Node> refusing, Deed fault, Duration lasts)
      throws Exception {
    long begin = System.nanoTime();
    fault.run();
    awaitServed(serving, begin, TAKE_OVER);
    refusing.forEach(this::awaitRefusal);
    Wait.reached(lasts.minusNanos(System.nanoTime() - begin), () -> false);

    long end = System.nanoTime();
    network.mend();
    cluster.members().stream()
        .filter(node -> node.process().isAlive())
        .forEach(node -> node.process().signal("CONT"));
    startEnded();
    awaitServed(all(), end, HEALED);
    long back = System.nanoTime();
    Wait.until(POLLED, "all is polled again", () -> traffic.counters().arePolledSince(end));
    Wait.reached(WATCHED, () -> false);
    long now = System.nanoTime();
    return new Figures(
        longestGap(serving, begin, end),
        longestGap(serving, end, now),
        TimeUnit.NANOSECONDS.toMillis(back - end),
        traffic.counters().missed(begin, now),
        traffic.counters().longestByTwo(begin, now));
  }

  private List<List<Node>> all() {
    return cluster.members().stream().map(List::of).toList();
  }

  private void startEnded() {
    List<Node> ended =
        cluster.members().stream().filter(node -> !node.process().isAlive()).toList();
    ended.forEach(node -> node.process().launch());
    ended.forEach(node -> node.process().awaitReady());
  }

  private void awaitServed(List<List<Node>> groups, long since, Duration limit) {
    for (List<Node> group : groups) {
      Wait.until(
          limit,
          "what is pushed to one of " + group + " is acknowledged",
          () -> group.stream().anyMatch(node -> traffic.probe(node).isServedSince(since)));
    }
  }

  /** A node that must not serve says so, or has ended; it never takes anything. */
  private void awaitRefusal(Node node) {
    Wait.until(
        TAKE_OVER,
        node + " refuses what is pushed",
        () -> {
          long now = System.nanoTime();
          return !node.process().isAlive()
              || traffic.probe(node).answersTo(now - WATCHED.toNanos(), now).stream()
                  .anyMatch(answer -> answer.status() == 503);
        });
    long from = System.nanoTime();
    Wait.reached(WATCHED, () -> false);
    long to = System.nanoTime();
    Wait.until(
        Probe.PATIENCE.plus(WATCHED),
        "answers of " + node,
        () -> traffic.probe(node).answersTo(from, to).size() >= 8);
    if (node.process().isAlive()) {
      assertThat(traffic.probe(node).answersTo(from, to))
          .as("what " + node + " answers")
          .allMatch(answer -> answer.status() == 503);
    }
  }

  private long longestGap(List<List<Node>> serving, long from, long to) {
    return serving.stream()
        .mapToLong(group -> Probe.longestGap(group.stream().map(traffic::probe).toList(), from, to))
        .max()
        .orElseThrow();
  }
}
