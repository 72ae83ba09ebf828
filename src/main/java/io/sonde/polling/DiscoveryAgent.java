package io.sonde.polling;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.ClusterEvent;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import io.sonde.model.Event;
import io.sonde.model.SampleBatch;
import io.sonde.polling.PollingMetrics.Outcome;
import io.sonde.store.DiscoveredStore.Discovered;
import io.sonde.store.DiscoveredStore.Memory;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Looks for the resources of one {@link Errand} once an interval, and is their memory: asserts each
 * of them, hands on what was read of it along the way, and ends those that it has missed several
 * times. Of the errands of the cluster each runs once, on any node; those of a host run on its
 * nodes. Entities are not remembered by the cluster, so it also asserts them anew when a node comes
 * or goes.
 */
public final class DiscoveryAgent extends AbstractBehavior<DiscoveryAgent.Command> {
  static final EntityTypeKey<Command> KEY = EntityTypeKey.create(Command.class, "poll-discovery");

  /** What it is told. */
  public sealed interface Command permits Wake, LookNow, Internal {}

  /** Every node says now and then that this errand is to run. */
  public record Wake() implements Command, PollingMessage {}

  /** Asks for a look without waiting for its time. */
  public record LookNow() implements Command, PollingMessage {}

  private sealed interface Internal extends Command, NoSerializationVerificationNeeded
      permits Look, Looked, Remembered, Told, Updated, MembersChanged, AssertAll, SendMore, Stop {}

  private enum Look implements Internal {
    INSTANCE
  }

  private record Looked(Findings findings, Throwable failure) implements Internal {}

  private record Remembered(Memory memory, Throwable failure) implements Internal {}

  /** That these were found, and that those are gone, is durable. */
  private record Told(List<String> found, List<String> gone, Throwable failure)
      implements Internal {}

  private record Updated(
      Instant complete,
      Map<String, Discovered> saved,
      List<Discovered> forgotten,
      Throwable failure)
      implements Internal {}

  private record MembersChanged(ClusterEvent.MemberEvent event) implements Internal {}

  private enum AssertAll implements Internal {
    INSTANCE
  }

  private enum SendMore implements Internal {
    INSTANCE
  }

  private enum Stop implements Internal {
    INSTANCE
  }

  /** Members come and go in groups; entities are asserted once for all of them. */
  private static final Duration SETTLING = Duration.ofMillis(500);

  /** Messages that are sent at once, and the time until the next ones. */
  private static final int SLICE = 1_000;

  private static final Duration PAUSE = Duration.ofMillis(20);

  /** A message with so many samples is not too large. */
  private static final int SURELY_FITS = 100;

  /** Events that are made durable together; what is more comes after them. */
  private static final int TOLD_AT_ONCE = 500;

  /** What an agent shares with the others of its node. */
  record Environment(
      PollingNode node,
      DiscoveryMemory memory,
      Function<List<Event>, CompletionStage<?>> events,
      ActorRef<ShardingEnvelope<PolledResource.Command>> resources) {}

  /** A resource that it knows of. */
  private static final class Known {
    private final Instant firstFound;
    private Found found;
    private Instant lastFound;
    private int misses;

    /** Whether it is durable that it was found. */
    private boolean isTold;

    /**
     * Whether it was missed when another node's agent knew it last: whether it was told since that
     * it is gone is not known.
     */
    private boolean isDoubtful;

    /** As it stands in the memory; null while it does not. */
    private Discovered saved;

    private Known(Instant firstFound) {
      this.firstFound = firstFound.truncatedTo(ChronoUnit.MICROS);
    }

    private Discovered as(String key) {
      int slash = key.indexOf('/');
      return new Discovered(
          key.substring(0, slash), key.substring(slash + 1), firstFound, lastFound);
    }
  }

  private final TimerScheduler<Command> timers;
  private final Errand errand;
  private final Environment environment;
  private final PollSchedule schedule;
  private final Map<String, Known> known = new HashMap<>();

  /** Known no more, but still in the memory. */
  private final List<Discovered> forgotten = new ArrayList<>();

  private final Deque<ShardingEnvelope<PolledResource.Command>> toSend = new ArrayDeque<>();

  private boolean hasRemembered;
  private boolean looking;
  private boolean updating;
  private boolean telling;
  private long lookedAt;
  private long begun;
  private long lookedNanos;
  private Instant lastComplete;
  private Instant savedComplete;
  private DiscoveryStatus status;

  private DiscoveryAgent(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Errand errand,
      Environment environment) {
    super(context);
    context.setLoggerName(DiscoveryAgent.class);
    this.timers = timers;
    this.errand = errand;
    this.environment = environment;
    this.schedule = PollSchedule.of(errand.id(), errand.source().interval());
    this.hasRemembered = !errand.notices();
    show(
        new DiscoveryStatus(
            errand.source().name(),
            errand.call().toString(),
            errand.host(),
            0,
            0,
            0,
            0,
            true,
            0,
            null,
            List.of()));
  }

  static Behavior<Command> create(Errand errand, Environment environment) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  Cluster.get(context.getSystem())
                      .subscriptions()
                      .tell(
                          Subscribe.create(
                              context.messageAdapter(
                                  ClusterEvent.MemberEvent.class, MembersChanged::new),
                              ClusterEvent.MemberEvent.class));
                  DiscoveryAgent agent = new DiscoveryAgent(context, timers, errand, environment);
                  agent.remember();
                  agent.onLook(Look.INSTANCE);
                  return agent;
                }));
  }

  /** The message with which the shard ends it. */
  static Command stop() {
    return Stop.INSTANCE;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Look.class, this::onLook)
        .onMessage(LookNow.class, this::onLookNow)
        .onMessage(Looked.class, this::onLooked)
        .onMessage(Remembered.class, this::onRemembered)
        .onMessage(Told.class, this::onTold)
        .onMessage(Updated.class, this::onUpdated)
        .onMessage(MembersChanged.class, this::onMembersChanged)
        .onMessage(AssertAll.class, this::onAssertAll)
        .onMessage(SendMore.class, this::onSendMore)
        .onMessage(Wake.class, wake -> this)
        .onMessage(Stop.class, stop -> Behaviors.stopped())
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    environment.node().registry().remove(status);
    return this;
  }

  private Behavior<Command> onLookNow(LookNow command) {
    return looking ? this : look();
  }

  private Behavior<Command> onLook(Look look) {
    long now = environment.node().clock().millis();
    timers.startSingleTimer(
        Look.INSTANCE, Look.INSTANCE, Duration.ofMillis(schedule.after(now) - now));
    if (looking) {
      environment.node().metrics().looked(errand.source().name(), Outcome.SKIPPED);
      // Still looking: what is known stays asserted, or its entities would stop.
      assertAll();
      return this;
    }
    return look();
  }

  private Behavior<Command> look() {
    looking = true;
    begun = System.nanoTime();
    lookedAt = environment.node().clock().millis();
    getContext()
        .pipeToSelf(environment.node().find(errand.discovery(), errand.search()), Looked::new);
    if (!hasRemembered) {
      remember();
    }
    return this;
  }

  private Behavior<Command> onLooked(Looked looked) {
    looking = false;
    lookedNanos = System.nanoTime();
    long millis = (lookedNanos - begun) / 1_000_000;
    if (looked.failure() != null) {
      String why = PollException.reasonOf(looked.failure());
      show(failed(millis, why));
      environment.node().metrics().looked(errand.source().name(), Outcome.FAILED);
      if (Integer.bitCount(status.failures()) == 1) {
        getContext()
            .getLog()
            .warn("{} failed: {} (failure {})", errand.id(), why, status.failures());
      }
      assertAll();
      return this;
    }
    if (status.failures() > 0) {
      getContext().getLog().info("{} is answered again", errand.id());
    }
    environment.node().metrics().looked(errand.source().name(), Outcome.OK);
    take(looked.findings(), millis);
    List<String> remarks = status.remarks();
    show(answered(millis, looked.findings()));
    if (!status.remarks().isEmpty() && !status.remarks().equals(remarks)) {
      getContext().getLog().warn("{}: {}", errand.id(), String.join("; ", status.remarks()));
    }
    tellOfChanges();
    update();
    return this;
  }

  /** Asserts what was found and counts what was not. */
  private void take(Findings findings, long millis) {
    Instant now = Instant.ofEpochMilli(lookedAt);
    Set<String> there = new HashSet<>();
    for (Found one : findings.found()) {
      String key = key(one.target());
      if (there.add(key)) {
        Known resource = known.get(key);
        if (resource == null || resource.isDoubtful) {
          Known another = new Known(now);
          another.saved = resource == null ? null : resource.saved;
          resource = another;
          known.put(key, another);
        }
        // Until it is told that it was found, the reading says whose it is.
        resource.found = resource.isTold ? one.withoutReading() : one;
        resource.misses = 0;
        resource.lastFound = null;
        hand(one, millis);
      }
    }
    if (!errand.notices()) {
      known.keySet().retainAll(there);
      return;
    }
    known.forEach(
        (key, resource) -> {
          if (!there.contains(key)) {
            miss(resource, findings.isComplete());
          }
        });
    if (findings.isComplete()) {
      lastComplete = now;
    }
  }

  private void miss(Known resource, boolean isCounted) {
    if (isCounted) {
      resource.misses++;
      if (resource.misses == 1 && resource.lastFound == null) {
        resource.lastFound = lastComplete;
      }
    }
    if (resource.found != null) {
      assertOne(resource.found);
    }
  }

  /**
   * Tells what is new, and what was missed often enough to be gone. Only when that is durable the
   * one is remembered and the other forgotten; else it is told again after the next look.
   */
  private void tellOfChanges() {
    if (telling || !hasRemembered || !errand.notices()) {
      return;
    }
    Map<String, Event> found = new HashMap<>();
    Map<String, Event> gone = new HashMap<>();
    Instant now = Instant.ofEpochMilli(lookedAt);
    known.forEach(
        (key, resource) -> {
          if (found.size() + gone.size() >= TOLD_AT_ONCE) {
            return;
          }
          if (!resource.isTold) {
            found.put(
                key, ResourceEvents.found(errand, resource.as(key), resource.found.reading()));
          }
          if (resource.misses >= errand.source().misses()) {
            gone.put(key, ResourceEvents.gone(errand, resource.as(key), now));
          }
        });
    if (!found.isEmpty() || !gone.isEmpty()) {
      telling = true;
      List<String> foundKeys = List.copyOf(found.keySet());
      List<String> goneKeys = List.copyOf(gone.keySet());
      getContext()
          .pipeToSelf(tell(found, gone), (done, failure) -> new Told(foundKeys, goneKeys, failure));
    }
  }

  /** What another discovery has too, as an instance on the host that it moved to, is not gone. */
  private CompletionStage<?> tell(Map<String, Event> found, Map<String, Event> gone) {
    if (gone.isEmpty()) {
      return environment.events().apply(List.copyOf(found.values()));
    }
    List<String> ids = gone.keySet().stream().map(DiscoveryAgent::resourceId).toList();
    return environment
        .memory()
        .knownElsewhere(errand.searcher(), ids)
        .thenCompose(
            elsewhere -> {
              List<Event> events = new ArrayList<>(found.values());
              gone.forEach(
                  (key, event) -> {
                    if (!elsewhere.contains(resourceId(key))) {
                      events.add(event);
                    }
                  });
              return events.isEmpty()
                  ? CompletableFuture.completedStage(null)
                  : environment.events().apply(events);
            });
  }

  private static String resourceId(String key) {
    return key.substring(key.indexOf('/') + 1);
  }

  private Behavior<Command> onTold(Told told) {
    telling = false;
    if (told.failure() != null) {
      getContext().getLog().warn("{}: {}", errand.id(), PollException.reasonOf(told.failure()));
      return this;
    }
    for (String key : told.found()) {
      Known resource = known.get(key);
      resource.isTold = true;
      resource.found = resource.found.withoutReading();
    }
    for (String key : told.gone()) {
      if (known.get(key).misses >= errand.source().misses()) {
        forget(known.remove(key));
        send(
            errand.source().name() + "/" + key,
            new PolledResource.End(errand.call().toString(), errand.host()));
      } else {
        // Found again meanwhile: it is another existence.
        Known again = new Known(Instant.ofEpochMilli(lookedAt));
        again.found = known.get(key).found;
        again.saved = known.put(key, again).saved;
      }
    }
    update();
    tellOfChanges();
    return this;
  }

  private void forget(Known gone) {
    if (gone.saved != null) {
      forgotten.add(gone.saved);
    }
  }

  private void remember() {
    if (!hasRemembered) {
      getContext().pipeToSelf(environment.memory().load(errand.searcher()), Remembered::new);
    }
  }

  private Behavior<Command> onRemembered(Remembered remembered) {
    if (hasRemembered || remembered.failure() != null) {
      // It is asked again with the next look.
      return this;
    }
    hasRemembered = true;
    if (lastComplete == null) {
      lastComplete = remembered.memory().lastComplete();
    }
    for (Discovered one : remembered.memory().all()) {
      String key = one.pollster() + "/" + one.resourceId();
      Known current = known.get(key);
      boolean isDoubtful = one.lastFound() != null;
      if (current != null && isDoubtful) {
        current.saved = one;
        continue;
      }
      Known former = new Known(one.firstFound());
      former.isTold = true;
      former.isDoubtful = isDoubtful;
      former.lastFound = one.lastFound();
      former.saved = one;
      if (current != null) {
        former.found = current.found;
        former.misses = current.misses;
        former.lastFound = current.misses == 0 ? null : lastComplete;
      }
      known.put(key, former);
    }
    tellOfChanges();
    return this;
  }

  /** Writes what differs from the memory. */
  private void update() {
    if (updating || !hasRemembered || !errand.notices()) {
      return;
    }
    Map<String, Discovered> changed = new HashMap<>();
    known.forEach(
        (key, resource) -> {
          Discovered now = resource.as(key);
          if (resource.isTold && !now.equals(resource.saved)) {
            changed.put(key, now);
          }
        });
    if (changed.isEmpty() && forgotten.isEmpty() && Objects.equals(lastComplete, savedComplete)) {
      return;
    }
    updating = true;
    List<Discovered> gone = List.copyOf(forgotten);
    Instant complete = lastComplete;
    getContext()
        .pipeToSelf(
            environment.memory().update(errand.searcher(), complete, changed.values(), gone),
            (done, failure) -> new Updated(complete, changed, gone, failure));
  }

  private Behavior<Command> onUpdated(Updated updated) {
    updating = false;
    if (updated.failure() == null) {
      updated
          .saved()
          .forEach(
              (key, one) -> {
                if (known.containsKey(key)) {
                  known.get(key).saved = one;
                } else {
                  forgotten.add(one);
                }
              });
      forgotten.removeAll(updated.forgotten());
      savedComplete = updated.complete();
      update();
    }
    return this;
  }

  private Behavior<Command> onMembersChanged(MembersChanged changed) {
    if (changed.event() instanceof ClusterEvent.MemberUp
        || changed.event() instanceof ClusterEvent.MemberRemoved) {
      timers.startSingleTimer(AssertAll.INSTANCE, AssertAll.INSTANCE, SETTLING);
    }
    return this;
  }

  private Behavior<Command> onAssertAll(AssertAll command) {
    assertAll();
    return this;
  }

  private void assertAll() {
    for (Known resource : known.values()) {
      if (resource.found != null) {
        assertOne(resource.found);
      }
    }
  }

  private void assertOne(Found found) {
    send(new PolledResource.Assert(spec(found)));
  }

  private void hand(Found found, long millis) {
    if (found.isToBePolled()) {
      assertOne(found);
      return;
    }
    SampleBatch reading =
        found.reading() == null ? null : environment.node().timed(found.reading(), lookedNanos);
    String failure = found.failure();
    if (reading != null && reading.size() > SURELY_FITS && !PackedBatch.fits(reading)) {
      failure = "the reading of " + reading.size() + " samples is too large to be sent";
      reading = null;
    }
    send(new PolledResource.Take(spec(found), lookedAt, millis, reading, failure));
  }

  private void send(PolledResource.Assert command) {
    send(command.spec().entityId(), command);
  }

  private void send(PolledResource.Take command) {
    send(command.spec().entityId(), command);
  }

  /**
   * What is more than a slice goes a little later: regions buffer what is for shards whose place is
   * not known yet, and entities begin one by one.
   */
  private void send(String entityId, PolledResource.Command command) {
    toSend.add(new ShardingEnvelope<>(entityId, command));
    if (toSend.size() == 1) {
      getContext().getSelf().tell(SendMore.INSTANCE);
    }
  }

  private Behavior<Command> onSendMore(SendMore command) {
    if (PollingNode.isStopping(getContext().getSystem())) {
      toSend.clear();
    }
    for (int i = 0; i < SLICE && !toSend.isEmpty(); i++) {
      environment.resources().tell(toSend.poll());
    }
    if (!toSend.isEmpty()) {
      timers.startSingleTimer(SendMore.INSTANCE, SendMore.INSTANCE, PAUSE);
    }
    return this;
  }

  private PollSpec spec(Found found) {
    return PollSpec.of(errand.source(), errand.call().toString(), found);
  }

  private static String key(PolledTarget target) {
    return target.pollster() + "/" + target.resourceId();
  }

  private DiscoveryStatus answered(long millis, Findings findings) {
    return new DiscoveryStatus(
        status.source(),
        status.discovery(),
        status.host(),
        lookedAt,
        lookedAt,
        millis,
        known.size(),
        findings.isComplete(),
        0,
        null,
        findings.remarks());
  }

  private DiscoveryStatus failed(long millis, String error) {
    return new DiscoveryStatus(
        status.source(),
        status.discovery(),
        status.host(),
        lookedAt,
        status.lastSuccess(),
        millis,
        known.size(),
        status.isComplete(),
        status.failures() + 1,
        error,
        status.remarks());
  }

  private void show(DiscoveryStatus now) {
    status = now;
    environment.node().registry().put(now);
  }
}
