package io.sonde.polling;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.Signal;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.sonde.cluster.EntityKind;
import io.sonde.model.NameFilter;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.pipeline.BatchSelection;
import io.sonde.polling.PollingMetrics.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One polled resource of one source. Reads it at its own moment of each interval while discovery
 * asserts it, one poll at a time, or takes what its discovery read along; hands that to the intake,
 * and says in the node's registry how it went. Keeps nothing.
 */
public final class PolledResource extends AbstractBehavior<PolledResource.Command> {
  static final EntityTypeKey<Command> KEY =
      EntityTypeKey.create(Command.class, EntityKind.POLLED_RESOURCE.typeName());

  /** What it is told. */
  public sealed interface Command permits Assert, Take, End, PollNow, Internal {}

  /** Discovery knows of this resource, now. */
  public record Assert(PollSpec spec) implements Command, PollingMessage {}

  /**
   * Discovery knows of this resource, and asked for it along with others.
   *
   * @param begun when it asked, milliseconds since 1970
   * @param millis how long that took
   * @param reading what it was told; null when nothing of use
   * @param failure why; null where there is a reading
   */
  public record Take(PollSpec spec, long begun, long millis, SampleBatch reading, String failure)
      implements Command, PollingMessage {}

  /**
   * The resource is gone, as far as a discovery knows.
   *
   * @param discovery as the source names it
   * @param host for which it looks; null when it looks for all of the cluster
   */
  public record End(String discovery, String host) implements Command, PollingMessage {}

  /** Asks for a poll without waiting for its time. */
  public record PollNow(ActorRef<Polled> replyTo) implements Command, PollingMessage {}

  /**
   * The answer to {@link PollNow}, when the poll is over.
   *
   * @param status null when nothing is known of such a resource
   */
  public record Polled(PollStatus status) implements PollingMessage {}

  private sealed interface Internal extends Command, NoSerializationVerificationNeeded
      permits Due, Forgotten, HandIn, Stop, Agents, WasRead, WasStored {}

  private enum Due implements Internal {
    INSTANCE
  }

  private enum Forgotten implements Internal {
    INSTANCE
  }

  private record HandIn(SampleBatch wanted) implements Internal {}

  private enum Stop implements Internal {
    INSTANCE
  }

  private record Agents(String host, Set<ActorRef<PollAgent.Command>> agents) implements Internal {}

  private record WasRead(SampleBatch batch, Throwable failure) implements Internal {}

  private record WasStored(int samples, Throwable failure) implements Internal {}

  /** After so many intervals without an assertion the resource is taken to be gone. */
  private static final int FORGOTTEN_AFTER = 3;

  /** What one listing gave for many is handed in over this part of the interval, not at once. */
  private static final int SPREAD_OVER = 10;

  private static final long LONGEST_SPREAD = 5_000;

  /** The way to an agent and back, over and above the time that the reading may take. */
  private static final Duration WAY = Duration.ofSeconds(1);

  /** The intake answers or fails by itself; this is so that a lost answer ends no polling. */
  private static final Duration STORED_WITHIN = Duration.ofMinutes(1);

  private final String id;
  private final ActorRef<ClusterSharding.ShardCommand> shard;
  private final TimerScheduler<Command> timers;
  private final PollingNode node;
  private final Consumer<Command> successor;

  private PollSpec spec;
  private NameFilter filter;
  private PollSchedule schedule;
  private PollStatus status;
  private Set<ActorRef<PollAgent.Command>> agents = Set.of();
  private boolean polling;
  private boolean isOver;
  private long dueAt;
  private long begunAt;
  private long begun;
  private long millis;
  private int unstored;
  private List<ActorRef<Polled>> waiting = new ArrayList<>();

  private PolledResource(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      String id,
      ActorRef<ClusterSharding.ShardCommand> shard,
      PollingNode node,
      Consumer<Command> successor) {
    super(context);
    context.setLoggerName(PolledResource.class);
    this.timers = timers;
    this.id = id;
    this.shard = shard;
    this.node = node;
    this.successor = successor;
  }

  /**
   * A resource of which nothing is known yet.
   *
   * @param successor takes what is for the entity of this id after its shard has moved
   */
  static Behavior<Command> create(
      String id,
      ActorRef<ClusterSharding.ShardCommand> shard,
      PollingNode node,
      Consumer<Command> successor) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new PolledResource(context, timers, id, shard, node, successor)));
  }

  /** The message with which the shard ends an entity. */
  static Command stop() {
    return Stop.INSTANCE;
  }

  /** One object instead of a dozen for each of many entities. */
  @Override
  public Receive<Command> createReceive() {
    return new Receive<>() {
      @Override
      public Behavior<Command> receiveMessage(Command command) {
        return on(command);
      }

      @Override
      public Behavior<Command> receiveSignal(Signal signal) {
        if (signal == PostStop.instance() && status != null) {
          node.registry().remove(id, status, !isOver);
        }
        return PolledResource.this;
      }
    };
  }

  private Behavior<Command> on(Command command) {
    if (command instanceof Assert asserted) {
      return onAssert(asserted);
    } else if (command instanceof Take take) {
      return onTake(take);
    } else if (command instanceof Due) {
      return onDue();
    } else if (command instanceof WasRead read) {
      return onRead(read);
    } else if (command instanceof HandIn read) {
      return onHandIn(read);
    } else if (command instanceof WasStored stored) {
      return onStored(stored);
    } else if (command instanceof PollNow now) {
      return onPollNow(now);
    } else if (command instanceof Agents listing) {
      return onAgents(listing);
    } else if (command instanceof End end) {
      return isOf(end) ? onEnd("is gone") : this;
    } else if (command instanceof Forgotten) {
      return onEnd("is no longer asserted");
    }
    return onStop();
  }

  private Behavior<Command> onAssert(Assert command) {
    follow(command.spec());
    return this;
  }

  private void follow(PollSpec asserted) {
    Duration patience = asserted.interval().multipliedBy(FORGOTTEN_AFTER);
    timers.startSingleTimer(Forgotten.INSTANCE, Forgotten.INSTANCE, patience);
    if (!asserted.equals(spec)) {
      adopt(asserted);
    }
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
    boolean hasRhythm =
        spec != null && spec.isPolled() && spec.interval().equals(asserted.interval());
    spec = asserted;
    filter = node.filter(asserted.meters());
    schedule = PollSchedule.of(id, asserted.interval());
    if (status == null) {
      status = PollStatus.of(asserted);
      node.registry().enter(id, status);
    } else {
      show(status.with(asserted));
    }
    if (!asserted.isPolled()) {
      timers.cancel(Due.INSTANCE);
    } else if (!hasRhythm) {
      // Otherwise it stays due when it was: what is asserted in turn by two must be polled at last.
      await(status.failures());
    }
  }

  private Behavior<Command> onAgents(Agents listing) {
    // An earlier subscription, to another host, goes on; it is not of interest any more.
    if (listing.host().equals(spec.target().host())) {
      agents = listing.agents();
    }
    return this;
  }

  private Behavior<Command> onDue() {
    if (PollingNode.isStopping(getContext().getSystem())) {
      return this;
    }
    long late = node.clock().millis() - dueAt;
    node.metrics().late(spec.source(), late / 1e3);
    // A node that stood still does not make up for it; what it missed is gone.
    int missed = (int) Math.min(Integer.MAX_VALUE, Math.max(0, late / spec.interval().toMillis()));
    if (missed > 0) {
      node.metrics().count(spec.source(), Outcome.SKIPPED, missed);
    }
    await(0);
    if (polling) {
      node.metrics().count(spec.source(), Outcome.SKIPPED, 1);
      return this;
    }
    poll();
    return this;
  }

  private Behavior<Command> onPollNow(PollNow command) {
    if (spec == null) {
      command.replyTo().tell(new Polled(null));
      shard.tell(new ClusterSharding.Passivate<>(getContext().getSelf()));
      return this;
    }
    // What is read along with others is answered when its discovery has looked next.
    waiting.add(command.replyTo());
    if (!polling && spec.isPolled()) {
      poll();
    }
    return this;
  }

  private void poll() {
    polling = true;
    begun = System.nanoTime();
    begunAt = node.clock().millis();
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
    millis = (System.nanoTime() - begun) / 1_000_000;
    node.metrics().took(spec.source(), (System.nanoTime() - begun) / 1e9);
    if (read.failure() != null) {
      failed(PollException.reasonOf(read.failure()));
      await(status.failures());
      return this;
    }
    return onHandIn(new HandIn(filtered(read.batch())));
  }

  private Behavior<Command> onTake(Take take) {
    follow(take.spec());
    if (polling) {
      node.metrics().count(spec.source(), Outcome.SKIPPED, 1);
      return this;
    }
    polling = true;
    begunAt = take.begun();
    millis = take.millis();
    if (take.failure() != null) {
      failed(take.failure());
      return this;
    }
    long spread = Math.min(spec.interval().toMillis() / SPREAD_OVER, LONGEST_SPREAD);
    timers.startSingleTimer(
        HandIn.class,
        new HandIn(filtered(take.reading())),
        Duration.ofMillis(schedule.within(spread)));
    return this;
  }

  private void failed(String why) {
    polling = false;
    show(status.failed(begunAt, millis, why));
    node.metrics().count(spec.source(), Outcome.FAILED, 1);
    warn(status.failures(), "not read: " + why);
    answer();
  }

  private Behavior<Command> onHandIn(HandIn read) {
    if (status.failures() > 0 && unstored == 0) {
      getContext().getLog().info("{} is read again after {} failures", id, status.failures());
      if (spec.isPolled()) {
        await(0);
      }
    }
    SampleBatch wanted = read.wanted();
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
      show(status.succeeded(begunAt, millis, stored.samples()));
      node.metrics().count(spec.source(), Outcome.OK, 1);
      node.metrics().samples(spec.source(), stored.samples());
    } else {
      unstored++;
      String why = "read but not stored: " + PollException.reasonOf(stored.failure());
      show(status.failed(begunAt, millis, why));
      node.metrics().count(spec.source(), Outcome.UNSTORED, 1);
      warn(unstored, why);
    }
    answer();
    return this;
  }

  /** Another discovery, or the same of another host, may have found it meanwhile. */
  private boolean isOf(End end) {
    return spec == null
        || (spec.discovery().equals(end.discovery())
            && (end.host() == null
                || spec.target().host() == null
                || spec.target().host().equals(end.host())));
  }

  private Behavior<Command> onEnd(String why) {
    isOver = true;
    getContext().getLog().info("{} {}", id, why);
    shard.tell(new ClusterSharding.Passivate<>(getContext().getSelf()));
    return this;
  }

  /**
   * What its shard takes elsewhere goes on there at once: until it is asserted next, polls would be
   * missed. A node that stops leaves that to discovery, see {@link PollingNode#isStopping}.
   */
  private Behavior<Command> onStop() {
    if (spec != null && !isOver && !PollingNode.isStopping(getContext().getSystem())) {
      successor.accept(new Assert(spec));
    }
    answer();
    return Behaviors.stopped();
  }

  private void show(PollStatus now) {
    status = now;
    node.registry().put(id, now);
  }

  private void answer() {
    waiting.forEach(asker -> asker.tell(new Polled(status)));
    waiting = new ArrayList<>();
  }

  private void await(int failed) {
    long now = node.clock().millis();
    dueAt = schedule.after(now, failed, node.settings().maxBackOff().toMillis());
    timers.startSingleTimer(Due.INSTANCE, Due.INSTANCE, Duration.ofMillis(dueAt - now));
  }

  private SampleBatch filtered(SampleBatch batch) {
    boolean[] wanted = new boolean[batch.seriesCount()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = filter.matches(batch.seriesAt(i).meter());
    }
    return BatchSelection.ofSeries(batch, wanted);
  }

  /**
   * The first failure of a row is said, then the second, fourth, eighth: enough to know. While the
   * node stops, what it asks for is going too.
   */
  private void warn(int count, String why) {
    if (Integer.bitCount(count) == 1 && !PollingNode.isStopping(getContext().getSystem())) {
      getContext().getLog().warn("{}: {} (failure {})", id, why, count);
    }
  }
}
