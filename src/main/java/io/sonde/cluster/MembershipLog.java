package io.sonde.cluster;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.ClusterEvent.ClusterDomainEvent;
import akka.cluster.ClusterEvent.MemberEvent;
import akka.cluster.ClusterEvent.MemberRemoved;
import akka.cluster.ClusterEvent.ReachabilityEvent;
import akka.cluster.ClusterEvent.ReachableMember;
import akka.cluster.ClusterEvent.UnreachableMember;
import akka.cluster.Member;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log who comes to the cluster and goes from it, and counts who is there. */
public final class MembershipLog {
  private static final Logger LOG = LoggerFactory.getLogger(MembershipLog.class);

  private static final String UNREACHABLE = "unreachable";

  /** As Akka calls them, in lower case. */
  private static final List<String> STATES =
      List.of("joining", "weakly_up", "up", "leaving", "exiting", "down", UNREACHABLE);

  private final Map<String, String> states = new HashMap<>();
  private final Set<String> unreachable = new HashSet<>();

  private MembershipLog() {}

  /** Starts that of this node. */
  public static void start(ActorSystem<?> system) {
    system.systemActorOf(new MembershipLog().behavior(), "membership-log", Props.empty());
  }

  private Behavior<ClusterDomainEvent> behavior() {
    return Behaviors.setup(
        context -> {
          ActorRef<ClusterDomainEvent> self = context.getSelf();
          Cluster cluster = Cluster.get(context.getSystem());
          cluster.subscriptions().tell(Subscribe.create(self.narrow(), MemberEvent.class));
          cluster.subscriptions().tell(Subscribe.create(self.narrow(), ReachabilityEvent.class));
          return Behaviors.receiveMessage(
              event -> {
                on(event);
                count();
                return Behaviors.same();
              });
        });
  }

  private void on(ClusterDomainEvent event) {
    if (event instanceof MemberRemoved removed) {
      String node = Members.shown(removed.member().address());
      states.remove(node);
      unreachable.remove(node);
      LOG.info("node={} is removed, it was {}", node, Members.stateOf(removed.previousStatus()));
    } else if (event instanceof MemberEvent changed) {
      Member member = changed.member();
      String node = Members.shown(member.address());
      states.put(node, Members.stateOf(member.status()));
      LOG.info("node={} is {} roles={}", node, states.get(node), roles(member));
    } else if (event instanceof UnreachableMember lost) {
      String node = Members.shown(lost.member().address());
      unreachable.add(node);
      LOG.warn("node={} cannot be reached", node);
    } else if (event instanceof ReachableMember found) {
      String node = Members.shown(found.member().address());
      unreachable.remove(node);
      LOG.info("node={} is reached again", node);
    }
  }

  private static String roles(Member member) {
    return Role.of(member.getRoles()).stream()
        .map(Role::configName)
        .collect(Collectors.joining(","));
  }

  private void count() {
    for (String state : STATES) {
      int count =
          state.equals(UNREACHABLE)
              ? unreachable.size()
              : Collections.frequency(states.values(), state);
      EntityMetrics.MEMBERS.labelValues(state).set(count);
    }
  }
}
