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
final class Discovery extends AbstractBehavior<Discovery.Command> {

  /** A source and who finds its targets. */
  record Search(PollingSource source, TargetFinder finder) {}

  /** What it is told; only by itself and the cluster. */
  sealed interface Command extends NoSerializationVerificationNeeded
      permits Look, Found, MembersChanged, AssertAll {}

  private record Look(Search search) implements Command {}

  private record Found(Search search, List<PolledTarget> targets, Throwable failure)
      implements Command {}

  private record MembersChanged(ClusterEvent.MemberEvent event) implements Command {}

  private enum AssertAll implements Command {
    INSTANCE
  }

  /** Members come and go in groups; entities are asserted once for all of them. */
  private static final Duration SETTLING = Duration.ofMillis(500);

  private final TimerScheduler<Command> timers;
  private final List<Search> searches;
  private final Duration timeout;
  private final ActorRef<ShardingEnvelope<PolledResource.Command>> resources;
  private final Map<Search, List<PolledTarget>> known = new HashMap<>();
  private final Map<Search, Integer> failures = new HashMap<>();
  private final Set<Search> looking = new HashSet<>();

  private Discovery(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      List<Search> searches,
      Duration timeout,
      ActorRef<ShardingEnvelope<PolledResource.Command>> resources) {
    super(context);
    context.setLoggerName(Discovery.class);
    this.timers = timers;
    this.searches = searches;
    this.timeout = timeout;
    this.resources = resources;
  }

  /**
   * @param timeout of the polls that it asks for
   * @param resources the shard region of {@link PolledResource}
   */
  static Behavior<Command> create(
      List<Search> searches,
      Duration timeout,
      ActorRef<ShardingEnvelope<PolledResource.Command>> resources) {
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
                  return new Discovery(context, timers, searches, timeout, resources).begin();
                }));
  }

  private Behavior<Command> begin() {
    for (Search search : searches) {
      timers.startTimerAtFixedRate(
          search, new Look(search), Duration.ZERO, search.source().interval());
    }
    return this;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Look.class, this::onLook)
        .onMessage(Found.class, this::onFound)
        .onMessage(MembersChanged.class, this::onMembersChanged)
        .onMessage(AssertAll.class, this::onAssertAll)
        .build();
  }

  private Behavior<Command> onLook(Look look) {
    Search search = look.search();
    if (looking.add(search)) {
      getContext()
          .pipeToSelf(
              search.finder().find(search.source()),
              (targets, failure) -> new Found(search, targets, failure));
    } else {
      // Still looking: what is known stays asserted, or its entities would stop.
      assertAll(search);
    }
    return this;
  }

  private Behavior<Command> onFound(Found found) {
    looking.remove(found.search());
    if (found.failure() == null) {
      known.put(found.search(), found.targets());
      failures.remove(found.search());
    } else {
      int count = failures.merge(found.search(), 1, Integer::sum);
      if (Integer.bitCount(count) == 1) {
        getContext()
            .getLog()
            .warn(
                "discovery {} of source {} failed: {} (failure {})",
                found.search().finder().name(),
                found.search().source().name(),
                PollException.reasonOf(found.failure()),
                count);
      }
    }
    assertAll(found.search());
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

  private void assertAll(Search search) {
    PollingSource source = search.source();
    for (PolledTarget target : known.getOrDefault(search, List.of())) {
      PollSpec spec =
          new PollSpec(source.name(), source.interval(), timeout, source.meters(), target);
      resources.tell(new ShardingEnvelope<>(spec.entityId(), new PolledResource.Assert(spec)));
    }
  }
}
