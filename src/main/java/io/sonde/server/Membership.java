package io.sonde.server;

import akka.Done;
import akka.actor.Address;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Down;
import akka.cluster.typed.Join;
import akka.cluster.typed.JoinSeedNodes;
import io.sonde.store.DatabaseException;
import io.sonde.store.NodeStore;
import io.sonde.store.NodeStore.Row;
import io.sonde.store.NodeStore.Self;
import io.sonde.store.NodeStore.View;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among all that share the database: renews its row, joins the cluster that owns the
 * database or forms one, and gives up when another was formed meanwhile, or when the database
 * answers other members and not this one. One for the whole process, for one actor system after the
 * other. Works on a thread and a database connection of its own.
 */
final class Membership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration TURN = Duration.ofMillis(200);

  /** An attempt to join takes some messages; what was lost is sent again after this. */
  private static final Duration ATTEMPT = Duration.ofSeconds(3);

  /** Members of a cluster have said so in the database by then. */
  private static final Duration STRANGERS = Duration.ofSeconds(5);

  /** A database that answers others, and not us for so long, is not coming back soon. */
  private static final Duration CUT_OFF = Duration.ofSeconds(8);

  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** Others know by then that a node downed itself, those that there are. */
  private static final Duration DOWNED = Duration.ofSeconds(3);

  /** Why a node gives up its place; others that it can still speak with take its work over. */
  private record GaveUp(boolean isOrderly) implements CoordinatedShutdown.Reason {}

  private final NodeStore store;
  private final ClusterSettings settings;
  private final boolean isDatabaseOwn;
  private final UUID databaseId;
  private final Sightings sightings = new Sightings();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread created = new Thread(work, "membership");
            created.setDaemon(true);
            return created;
          });
  private volatile Stay stay;
  private volatile String reason = "the node is starting";
  private volatile long lastAnswer;
  private volatile long answeringSince;

  /** Incarnations of this process: rows that could not be removed are of none that is alive. */
  private final Set<Long> own = ConcurrentHashMap.newKeySet();

  private Future<?> turns;
  private boolean wasMember;

  /** The time of one actor system in a cluster, from its first attempt to join. */
  private static final class Stay {
    final ActorSystem<?> system;
    final Cluster cluster;
    final DatabaseWitness witness;
    final String address;
    final long began = System.nanoTime();
    final CompletableFuture<Void> joined = new CompletableFuture<>();

    /** Of which cluster; null while it is looked for. */
    volatile UUID epoch;

    volatile boolean isOver;
    boolean hasRow;
    long lastBeat;
    long lastAttempt;
    Set<String> asked = Set.of();
    long strangersSince;

    Stay(ActorSystem<?> system, DatabaseWitness witness) {
      this.system = system;
      this.witness = witness;
      this.cluster = Cluster.get(system);
      Address own = cluster.selfMember().address();
      this.address = own.getHost().orElseThrow() + ":" + own.getPort().orElseThrow();
    }

    long incarnation() {
      return cluster.selfMember().uniqueAddress().longUid();
    }

    Self self() {
      return new Self(incarnation(), address, epoch);
    }

    void awaitDown() {
      long deadline = System.nanoTime() + DOWNED.toNanos();
      while (!cluster.isTerminated()
          && !cluster.selfMember().status().equals(MemberStatus.down())
          && System.nanoTime() < deadline) {
        LockSupport.parkNanos(TURN.toNanos() / 4);
      }
    }

    boolean isIn(Row row) {
      for (Member member : cluster.state().getMembers()) {
        if (member.uniqueAddress().longUid() == row.incarnation()) {
          return true;
        }
      }
      return false;
    }
  }

  private Membership(
      NodeStore store, ClusterSettings settings, boolean isDatabaseOwn, UUID databaseId) {
    this.store = store;
    this.settings = settings;
    this.isDatabaseOwn = isDatabaseOwn;
    this.databaseId = databaseId;
  }

  /**
   * Begins to watch over the nodes.
   *
   * @param isDatabaseOwn whether no other node can use the database
   */
  static Membership watch(NodeStore store, ClusterSettings settings, boolean isDatabaseOwn) {
    Membership all = new Membership(store, settings, isDatabaseOwn, store.read().databaseId());
    all.lastAnswer = System.nanoTime();
    all.answeringSince = all.lastAnswer;
    all.turns =
        all.thread.scheduleWithFixedDelay(all::turn, 0, TURN.toMillis(), TimeUnit.MILLISECONDS);
    return all;
  }

  /** What tells the database from others. */
  UUID databaseId() {
    return databaseId;
  }

  /** Why this node is in no cluster, while it is in none. */
  String reason() {
    return reason;
  }

  /**
   * Brings an actor system into the cluster, however long it takes. From then on it is ended when
   * it has lost its place. There must be no other one.
   *
   * @return done when it is a member; fails with {@link RefusedException} when it never can be
   */
  CompletionStage<Void> join(ActorSystem<?> system) {
    Stay next = new Stay(system, DatabaseWitness.start(system, this::answering));
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeServiceUnbind(),
        "lose-the-place",
        () -> {
          if (isRefused(shutdown)) {
            // Else it would go on asking, and in the end form a cluster of its own.
            next.isOver = true;
          } else if (hasLostThePlace(shutdown)) {
            if (!next.isOver) {
              reason = "the node was cut off from the others";
            }
            next.isOver = true;
            next.cluster.manager().tell(new Down(next.cluster.selfMember().address()));
          }
          return CompletableFuture.completedFuture(Done.done());
        });
    // Else the shard regions would begin to hand over, and others would wait for the end of that.
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeClusterShutdown(),
        "await-the-loss",
        () ->
            CompletableFuture.supplyAsync(
                () -> {
                  if (hasLostThePlace(shutdown)) {
                    next.awaitDown();
                  }
                  return Done.done();
                }));
    own.add(next.incarnation());
    stay = next;
    return next.joined;
  }

  /** Whether there is nobody who takes over what this node has. */
  private static boolean hasLostThePlace(CoordinatedShutdown shutdown) {
    CoordinatedShutdown.Reason why = shutdown.getShutdownReason().orElseThrow();
    if (why instanceof GaveUp gaveUp) {
      return !gaveUp.isOrderly();
    }
    return !why.equals(CoordinatedShutdown.jvmExitReason()) && !isRefused(shutdown);
  }

  /** Whether a cluster that was asked has another configuration. */
  static boolean isRefused(CoordinatedShutdown shutdown) {
    return shutdown
        .getShutdownReason()
        .filter(CoordinatedShutdown.incompatibleConfigurationDetectedReason()::equals)
        .isPresent();
  }

  /**
   * Takes note that the actor system has ended, and removes its row where that is possible. Whoever
   * comes second waits for the first.
   */
  synchronized void left() {
    Stay former = stay;
    if (former == null) {
      return;
    }
    stay = null;
    former.isOver = true;
    inTurn(
        () -> {
          if (former.hasRow) {
            store.remove(former.incarnation());
          }
        });
  }

  @Override
  public void close() {
    left();
    turns.cancel(false);
    thread.shutdownNow();
    store.close();
  }

  private void inTurn(Runnable work) {
    try {
      thread.submit(work).get(CLOSING.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("this node's row stays in the database: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the database has answered just now. */
  boolean isDatabaseAnswering() {
    return System.nanoTime() - lastAnswer <= BEAT.multipliedBy(3).toNanos();
  }

  /** For how long the database has answered without a break. */
  private Duration answering() {
    return isDatabaseAnswering()
        ? Duration.ofNanos(System.nanoTime() - answeringSince)
        : Duration.ZERO;
  }

  private void turn() {
    Stay current = stay;
    try {
      if (current == null || current.isOver) {
        look(current);
      } else if (current.epoch == null) {
        seek(current);
      } else if (System.nanoTime() - current.lastBeat >= BEAT.minus(TURN).toNanos()) {
        keep(current);
      }
    } catch (DatabaseException e) {
      noAnswer(current, e);
    } catch (RuntimeException e) {
      LOG.error("looking after the cluster failed", e);
    }
  }

  /** Nothing is to be decided, but what others do must be known when there is. */
  private void look(Stay over) {
    if (System.nanoTime() - lastAnswer >= BEAT.toNanos()) {
      answered(store.read());
    }
    if (over != null && over.hasRow) {
      store.remove(over.incarnation());
      over.hasRow = false;
    }
  }

  private void keep(Stay current) {
    View view = store.renew(current.incarnation());
    beaten(current, view);
    if (!current.epoch.equals(view.epoch())) {
      giveUp(current, false, "another cluster was formed on the database while this node was away");
    } else if (view.rows().stream().noneMatch(row -> row.incarnation() == current.incarnation())) {
      giveUp(current, false, "the other nodes gave this one up while it was away");
    } else {
      removeTheDead(current, view);
    }
  }

  /** A node that was given up, and only slept, finds out by this. */
  private void removeTheDead(Stay current, View view) {
    for (Row row : view.rows()) {
      if (sightings.of(row) == Sightings.State.DEAD && !current.isIn(row)) {
        store.remove(row.incarnation());
      }
    }
  }

  private void seek(Stay current) {
    View view = write(current);
    if (current.cluster.state().getMembers().iterator().hasNext()) {
      recognize(current, view);
      return;
    }
    List<Row> members =
        view.members().stream().filter(row -> !own.contains(row.incarnation())).toList();
    JoinStep step =
        JoinStep.of(
            new JoinStep.Setup(current.address, isDatabaseOwn, settings.seedNodes(), !wasMember),
            members,
            sightings::of,
            Duration.ofNanos(System.nanoTime() - current.began));
    if (step instanceof JoinStep.Form form) {
      form(current, form.dead());
    } else if (step instanceof JoinStep.Ask ask) {
      say(ask.why());
      ask(current, ask.contacts());
    } else if (step instanceof JoinStep.Watch watch) {
      say(watch.why());
    } else if (step instanceof JoinStep.Refuse refuse) {
      current.joined.completeExceptionally(new RefusedException(refuse.why()));
    }
  }

  /** The nodes of the cluster that it has come into must be of the one that owns the database. */
  private void recognize(Stay current, View view) {
    if (view.members().stream().anyMatch(current::isIn)) {
      become(current, view.epoch());
      write(current);
    } else if (current.strangersSince == 0) {
      current.strangersSince = System.nanoTime();
    } else if (System.nanoTime() - current.strangersSince > STRANGERS.toNanos()) {
      giveUp(
          current, false, "the cluster that this node joined does not own the database any more");
    }
  }

  private void form(Stay current, List<Row> dead) {
    UUID epoch = UUID.randomUUID();
    if (store.form(new Self(current.incarnation(), current.address, epoch), dead)) {
      LOG.info("forming a cluster epoch={}", epoch);
      current.cluster.manager().tell(Join.create(current.cluster.selfMember().address()));
      become(current, epoch);
    }
  }

  private void become(Stay current, UUID epoch) {
    current.epoch = epoch;
    wasMember = true;
    current.joined.complete(null);
  }

  private void ask(Stay current, Set<String> contacts) {
    long now = System.nanoTime();
    if (!contacts.equals(current.asked) || now - current.lastAttempt > ATTEMPT.toNanos()) {
      current.asked = contacts;
      current.lastAttempt = now;
      current
          .cluster
          .manager()
          .tell(
              new JoinSeedNodes(
                  contacts.stream().map(Membership::address).collect(Collectors.toList())));
    }
  }

  private static Address address(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    return new Address(
        "akka",
        AkkaConfig.SYSTEM,
        hostAndPort.substring(0, colon),
        Integer.parseInt(hostAndPort.substring(colon + 1)));
  }

  private View write(Stay current) {
    current.hasRow = true;
    View view = store.write(current.self());
    beaten(current, view);
    return view;
  }

  private void beaten(Stay current, View view) {
    current.lastBeat = System.nanoTime();
    answered(view);
  }

  private void answered(View view) {
    long now = System.nanoTime();
    if (!isDatabaseAnswering()) {
      answeringSince = now;
    }
    lastAnswer = now;
    sightings.look(view.rows(), now);
  }

  private void noAnswer(Stay current, DatabaseException failure) {
    LOG.debug("the database does not answer", failure);
    if (current == null || current.epoch == null) {
      say("the database does not answer");
      return;
    }
    boolean isLong = System.nanoTime() - lastAnswer > CUT_OFF.toNanos();
    if (isLong && !current.isOver && current.witness.isAnsweringOthers(Sightings.STALE)) {
      giveUp(current, true, "the database does not answer this node, but other nodes");
    }
  }

  private void giveUp(Stay current, boolean isOrderly, String why) {
    LOG.warn("giving up the place in the cluster: {}", why);
    reason = why;
    current.isOver = true;
    CoordinatedShutdown.get(current.system).runAll(new GaveUp(isOrderly));
  }

  private void say(String why) {
    if (!why.equals(reason)) {
      LOG.info("in no cluster: {}", why);
      reason = why;
    }
  }
}
