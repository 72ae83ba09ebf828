package io.sonde.polling;

import akka.actor.CoordinatedShutdown;
import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.sonde.model.NameFilter;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.polling.PollingMetrics.Outcome;
import java.time.Duration;
import java.util.Set;

/**
 * One polled resource of one source. Reads it at its own moment of each interval while discovery
 * asserts it, one poll at a time, and hands what it reads to the intake; keeps nothing.
 */
public final class PolledResource extends AbstractBehavior<PolledResource.Command> {
  static final EntityTypeKey<Command> KEY = EntityTypeKey.create(Command.class, "polled-resource");

  /** What it is told. */
  public sealed interface Command permits Assert, Internal {}

  /** Discovery knows of this resource, now. */
  public record Assert(PollSpec spec) implements Command, PollingMessage {}

  private sealed interface Internal extends Command, NoSerializationVerificationNeeded
      permits Due, Forgotten, Stop, Agents, WasRead, WasStored {}

  private enum Due implements Internal {
    INSTANCE
  }

  private enum Forgotten implements Internal {
    INSTANCE
  }

  private enum Stop implements Internal {
    INSTANCE
  }

  private record Agents(String host, Set<ActorRef<PollAgent.Command>> agents) implements Internal {}

  private record WasRead(SampleBatch batch, Throwable failure) implements Internal {}

  private record WasStored(int samples, Throwable failure) implements Internal {}

  /** After so many intervals without an assertion the resource is taken to be gone. */
  private static final int FORGOTTEN_AFTER = 3;

  /** The way to an agent and back, over and above the time that the reading may take. */
  private static final Duration WAY = Duration.ofSeconds(1);

  /** The intake answers or fails by itself; this is so that a lost answer ends no polling. */
  private static final Duration STORED_WITHIN = Duration.ofMinutes(1);

  private final String id;
  private final ActorRef<ClusterSharding.ShardCommand> shard;
  private final TimerScheduler<Command> timers;
  private final PollingNode node;

  private PollSpec spec;
  private NameFilter filter;
  private PollSchedule schedule;
  private Set<ActorRef<PollAgent.Command>> agents = Set.of();
  private boolean polling;
  private long begun;
  private int failures;
  private int unstored;

  private PolledResource(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      String id,
      ActorRef<ClusterSharding.ShardCommand> shard,
      PollingNode node) {
    super(context);
    context.setLoggerName(PolledResource.class);
    this.timers = timers;
    this.id = id;
    this.shard = shard;
    this.node = node;
  }

  static Behavior<Command> create(
      String id, ActorRef<ClusterSharding.ShardCommand> shard, PollingNode node) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new PolledResource(context, timers, id, shard, node)));
  }

  /** The message with which the shard ends an entity. */
  static Command stop() {
    return Stop.INSTANCE;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Assert.class, this::onAssert)
        .onMessage(Due.class, this::onDue)
        .onMessage(WasRead.class, this::onRead)
        .onMessage(WasStored.class, this::onStored)
        .onMessage(Agents.class, this::onAgents)
        .onMessage(Forgotten.class, this::onForgotten)
        .onMessage(Stop.class, this::onStop)
        .build();
  }

  private Behavior<Command> onAssert(Assert command) {
    PollSpec asserted = command.spec();
    Duration patience = asserted.interval().multipliedBy(FORGOTTEN_AFTER);
    timers.startSingleTimer(Forgotten.INSTANCE, Forgotten.INSTANCE, patience);
    if (!asserted.equals(spec)) {
      adopt(asserted);
    }
    return this;
  }

  private void adopt(PollSpec asserted) {
    String readOn = asserted.target().host();
    boolean elsewhere = readOn != null && !readOn.equals(node.host());
    if (elsewhere && (spec == null || !readOn.equals(spec.target().host()))) {
      ActorRef<Receptionist.Listing> adapter =
          getContext()
              .messageAdapter(
                  Receptionist.Listing.class,
                  listing ->
                      new Agents(
                          readOn, Set.copyOf(listing.getServiceInstances(PollAgent.key(readOn)))));
      getContext()
          .getSystem()
          .receptionist()
          .tell(Receptionist.subscribe(PollAgent.key(readOn), adapter));
      agents = Set.of();
    }
    spec = asserted;
    filter = NameFilter.of(asserted.meters(), "sonde.polling.sources." + asserted.source());
    schedule = PollSchedule.of(id, asserted.interval());
    failures = 0;
    await(0);
  }

  private Behavior<Command> onAgents(Agents listing) {
    // An earlier subscription, to another host, goes on; it is not of interest any more.
    if (listing.host().equals(spec.target().host())) {
      agents = listing.agents();
    }
    return this;
  }

  private Behavior<Command> onDue(Due due) {
    await(0);
    if (polling) {
      node.metrics().count(spec.source(), Outcome.SKIPPED);
      return this;
    }
    polling = true;
    begun = System.nanoTime();
    PolledTarget target = spec.target();
    if (target.host() == null || target.host().equals(node.host())) {
      getContext().pipeToSelf(node.read(target, spec.timeout()), WasRead::new);
    } else if (agents.isEmpty()) {
      getContext()
          .getSelf()
          .tell(new WasRead(null, new PollException("no node on host " + target.host())));
    } else {
      getContext()
          .ask(
              PollAgent.Answer.class,
              agents.iterator().next(),
              spec.timeout().plus(WAY),
              replyTo -> new PollAgent.Read(target, spec.timeout(), replyTo),
              PolledResource::read);
    }
    return this;
  }

  private static WasRead read(PollAgent.Answer answer, Throwable failure) {
    if (answer instanceof PollAgent.Reading reading) {
      return new WasRead(reading.batch(), null);
    }
    return new WasRead(
        null,
        answer instanceof PollAgent.NotRead notRead
            ? new PollException(notRead.reason())
            : failure);
  }

  private Behavior<Command> onRead(WasRead read) {
    node.metrics().took(spec.source(), (System.nanoTime() - begun) / 1e9);
    if (read.failure() != null) {
      polling = false;
      failures++;
      await(failures);
      node.metrics().count(spec.source(), Outcome.FAILED);
      warn("not read", failures, read.failure());
      return this;
    }
    if (failures > 0) {
      getContext().getLog().info("{} is read again after {} failures", id, failures);
      failures = 0;
    }
    SampleBatch wanted = filtered(read.batch());
    if (wanted.isEmpty()) {
      return onStored(new WasStored(0, null));
    }
    getContext()
        .pipeToSelf(
            node.handIn(wanted, STORED_WITHIN),
            (Receipt receipt, Throwable failure) -> new WasStored(wanted.size(), failure));
    return this;
  }

  /** The target is not to blame when nothing is stored, so there is no backing off. */
  private Behavior<Command> onStored(WasStored stored) {
    polling = false;
    if (stored.failure() == null) {
      unstored = 0;
      node.metrics().count(spec.source(), Outcome.OK);
      node.metrics().samples(spec.source(), stored.samples());
    } else {
      unstored++;
      node.metrics().count(spec.source(), Outcome.UNSTORED);
      warn("read but not stored", unstored, stored.failure());
    }
    return this;
  }

  private Behavior<Command> onForgotten(Forgotten forgotten) {
    getContext().getLog().info("{} is gone: no longer asserted", id);
    shard.tell(new ClusterSharding.Passivate<>(getContext().getSelf()));
    return this;
  }

  private Behavior<Command> onStop(Stop stop) {
    return Behaviors.stopped();
  }

  private void await(int failed) {
    long now = node.clock().millis();
    long wait = schedule.after(now, failed) - now;
    timers.startSingleTimer(Due.INSTANCE, Due.INSTANCE, Duration.ofMillis(wait));
  }

  private SampleBatch filtered(SampleBatch batch) {
    boolean[] wanted = new boolean[batch.seriesCount()];
    boolean all = true;
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = filter.matches(batch.seriesAt(i).meter());
      all &= wanted[i];
    }
    if (all) {
      return batch;
    }
    SampleBatch.Builder kept = new SampleBatch.Builder(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      if (wanted[batch.seriesRef(i)]) {
        kept.add(batch, i);
      }
    }
    return kept.build();
  }

  /** The first failure of a row is said, then the second, fourth, eighth: enough to know. */
  /** While the node stops, what it asks for is going too. */
  private void warn(String what, int count, Throwable failure) {
    boolean isStopping =
        CoordinatedShutdown.get(getContext().getSystem()).getShutdownReason().isPresent();
    if (Integer.bitCount(count) == 1 && !isStopping) {
      getContext()
          .getLog()
          .warn("{} {}: {} (failure {})", id, what, PollException.reasonOf(failure), count);
    }
  }
}
