package io.sonde.polling;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.ClusterEvent;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import io.sonde.model.NameFilter;
import io.sonde.polling.PollingSource.DiscoveryCall;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The memory of what there is to poll: looks for the targets of its sources once an interval each,
 * and asserts all that it found last. Entities are not remembered by the cluster, so it also
 * asserts them anew when a node comes or goes.
 */
final class DiscoveryAgent extends AbstractBehavior<DiscoveryAgent.Command> {

  /** A source and who finds its targets. */
  record Errand(PollingSource source, DiscoveryCall call, Discovery discovery) {
    private Search question() {
      return new Search(
          source.name(),
          call.parameter(),
          NameFilter.of(source.meters(), "sonde.polling.sources." + source.name()),
          source.timeout());
    }
  }

  /** What it is told; only by itself and the cluster. */
  sealed interface Command extends NoSerializationVerificationNeeded
      permits Look, Looked, MembersChanged, AssertAll {}

  private record Look(Errand errand) implements Command {}

  private record Looked(Errand errand, Findings findings, Throwable failure) implements Command {}

  private record MembersChanged(ClusterEvent.MemberEvent event) implements Command {}

  private enum AssertAll implements Command {
    INSTANCE
  }

  /** Members come and go in groups; entities are asserted once for all of them. */
  private static final Duration SETTLING = Duration.ofMillis(500);

  private final TimerScheduler<Command> timers;
  private final List<Errand> errands;
  private final ActorRef<ShardingEnvelope<PolledResource.Command>> resources;
  private final Map<Errand, List<Found>> known = new HashMap<>();
  private final Map<Errand, Integer> failures = new HashMap<>();
  private final Set<Errand> looking = new HashSet<>();

  private DiscoveryAgent(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      List<Errand> errands,
      ActorRef<ShardingEnvelope<PolledResource.Command>> resources) {
    super(context);
    context.setLoggerName(DiscoveryAgent.class);
    this.timers = timers;
    this.errands = errands;
    this.resources = resources;
  }

  /**
   * @param resources the shard region of {@link PolledResource}
   */
  static Behavior<Command> create(
      List<Errand> errands, ActorRef<ShardingEnvelope<PolledResource.Command>> resources) {
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
                  return new DiscoveryAgent(context, timers, errands, resources).begin();
                }));
  }

  private Behavior<Command> begin() {
    for (Errand errand : errands) {
      timers.startTimerAtFixedRate(
          errand, new Look(errand), Duration.ZERO, errand.source().interval());
    }
    return this;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Look.class, this::onLook)
        .onMessage(Looked.class, this::onLooked)
        .onMessage(MembersChanged.class, this::onMembersChanged)
        .onMessage(AssertAll.class, this::onAssertAll)
        .build();
  }

  private Behavior<Command> onLook(Look look) {
    Errand errand = look.errand();
    if (looking.add(errand)) {
      getContext()
          .pipeToSelf(
              errand.discovery().find(errand.question()),
              (findings, failure) -> new Looked(errand, findings, failure));
    } else {
      // Still looking: what is known stays asserted, or its entities would stop.
      assertAll(errand);
    }
    return this;
  }

  private Behavior<Command> onLooked(Looked looked) {
    looking.remove(looked.errand());
    if (looked.failure() == null) {
      known.put(looked.errand(), looked.findings().found());
      failures.remove(looked.errand());
    } else {
      int count = failures.merge(looked.errand(), 1, Integer::sum);
      if (Integer.bitCount(count) == 1) {
        getContext()
            .getLog()
            .warn(
                "discovery {} of source {} failed: {} (failure {})",
                looked.errand().call(),
                looked.errand().source().name(),
                PollException.reasonOf(looked.failure()),
                count);
      }
    }
    assertAll(looked.errand());
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
    known.keySet().forEach(this::assertAll);
    return this;
  }

  private void assertAll(Errand errand) {
    PollingSource source = errand.source();
    for (Found found : known.getOrDefault(errand, List.of())) {
      PollSpec spec = PollSpec.of(source, found.target());
      if (found.isToBePolled()) {
        resources.tell(new ShardingEnvelope<>(spec.entityId(), new PolledResource.Assert(spec)));
      }
    }
  }
}
