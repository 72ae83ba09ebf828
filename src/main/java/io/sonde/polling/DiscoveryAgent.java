package io.sonde.polling;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
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
import io.sonde.cluster.EntityKind;
import io.sonde.cluster.Residence;
import io.sonde.model.Event;
import io.sonde.model.SampleBatch;
import io.sonde.polling.Inventory.Changes;
import io.sonde.polling.Inventory.Difference;
import io.sonde.polling.PollingMetrics.Outcome;
import io.sonde.store.DiscoveredStore.Memory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
  static final EntityTypeKey<Command> KEY =
      EntityTypeKey.create(Command.class, EntityKind.DISCOVERY.typeName());

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

  private record Told(Changes changes, Throwable failure) implements Internal {}

  private record Updated(Difference difference, Throwable failure) implements Internal {}

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

  /** What an agent shares with the others of its node. */
  record Environment(
      PollingNode node,
      DiscoveryMemory memory,
      Function<List<Event>, CompletionStage<?>> events,
      ActorRef<ShardingEnvelope<PolledResource.Command>> resources) {}

  private final TimerScheduler<Command> timers;
  private final Errand errand;
  private final Environment environment;
  private final PollSchedule schedule;
  private final Inventory inventory;

  /** Null for one that never leaves its host. */
  private final Residence residence;

  private final Deque<ShardingEnvelope<PolledResource.Command>> toSend = new ArrayDeque<>();

  private boolean looking;
  private boolean updating;
  private boolean telling;
  private long lookedAt;
  private long begun;
  private long lookedNanos;
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
    this.inventory = new Inventory(errand);
    this.residence = errand.isLocal() ? null : Residence.begin(EntityKind.DISCOVERY, errand.id());
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
        .onMessage(Stop.class, stop -> onStop())
        .onSignal(PostStop.class, stopped -> onOver("stopped"))
        .onSignal(PreRestart.class, restarts -> onOver("failed"))
        .build();
  }

  private Behavior<Command> onStop() {
    if (residence != null) {
      residence.handedOver(getContext().getSystem());
    }
    return Behaviors.stopped();
  }

  private Behavior<Command> onOver(String reason) {
    environment.node().registry().remove(status);
    if (residence != null) {
      residence.end(reason);
    }
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
    remember();
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
    Inventory.Taken taken = inventory.take(looked.findings(), Instant.ofEpochMilli(lookedAt));
    taken.found().forEach(one -> hand(one, millis));
    taken.missed().forEach(this::assertOne);
    List<String> remarks = status.remarks();
    show(answered(millis, looked.findings()));
    if (!status.remarks().isEmpty() && !status.remarks().equals(remarks)) {
      getContext().getLog().warn("{}: {}", errand.id(), String.join("; ", status.remarks()));
    }
    tellOfChanges();
    update();
    return this;
  }

  /** What changed is told until that is durable: again after each look. */
  private void tellOfChanges() {
    if (telling) {
      return;
    }
    Changes changes = inventory.changes(Instant.ofEpochMilli(lookedAt));
    if (!changes.isEmpty()) {
      telling = true;
      getContext().pipeToSelf(tell(changes), (done, failure) -> new Told(changes, failure));
    }
  }

  /** What another discovery has too, as an instance on the host that it moved to, is not gone. */
  private CompletionStage<?> tell(Changes changes) {
    List<Event> events = new ArrayList<>(changes.found().values());
    if (changes.gone().isEmpty()) {
      return environment.events().apply(events);
    }
    List<String> ids = changes.gone().keySet().stream().map(Inventory::resourceId).toList();
    return environment
        .memory()
        .knownElsewhere(errand.searcher(), ids)
        .thenCompose(
            elsewhere -> {
              changes
                  .gone()
                  .forEach(
                      (key, event) -> {
                        if (!elsewhere.contains(Inventory.resourceId(key))) {
                          events.add(event);
                        }
                      });
              return events.isEmpty()
                  ? CompletableFuture.completedStage(null)
                  : environment.events().apply(events);
            });
  }

  private Behavior<Command> onTold(Told told) {
    telling = false;
    if (told.failure() != null) {
      getContext().getLog().warn("{}: {}", errand.id(), PollException.reasonOf(told.failure()));
      return this;
    }
    for (String key : inventory.told(told.changes(), Instant.ofEpochMilli(lookedAt))) {
      send(
          errand.source().name() + "/" + key,
          new PolledResource.End(errand.call().toString(), errand.host()));
    }
    update();
    tellOfChanges();
    return this;
  }

  /** Until it is answered, with each look. */
  private void remember() {
    if (!inventory.hasRemembered()) {
      getContext().pipeToSelf(environment.memory().load(errand.searcher()), Remembered::new);
    }
  }

  private Behavior<Command> onRemembered(Remembered remembered) {
    if (!inventory.hasRemembered() && remembered.failure() == null) {
      inventory.remember(remembered.memory());
      if (residence != null) {
        residence.recovered("resources=" + inventory.size());
      }
      tellOfChanges();
    }
    return this;
  }

  /** Writes what differs from the memory. */
  private void update() {
    Difference difference = updating ? null : inventory.difference();
    if (difference != null) {
      updating = true;
      getContext()
          .pipeToSelf(
              environment
                  .memory()
                  .update(
                      errand.searcher(),
                      difference.lastComplete(),
                      difference.changed().values(),
                      difference.forgotten()),
              (done, failure) -> new Updated(difference, failure));
    }
  }

  private Behavior<Command> onUpdated(Updated updated) {
    updating = false;
    if (updated.failure() == null) {
      inventory.updated(updated.difference());
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
    inventory.found().forEach(this::assertOne);
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

  private DiscoveryStatus answered(long millis, Findings findings) {
    return new DiscoveryStatus(
        status.source(),
        status.discovery(),
        status.host(),
        lookedAt,
        lookedAt,
        millis,
        inventory.size(),
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
        inventory.size(),
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
