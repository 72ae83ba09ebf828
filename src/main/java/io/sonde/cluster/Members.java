package io.sonde.cluster;

import akka.actor.Address;
import akka.actor.typed.ActorSystem;
import akka.cluster.ClusterEvent.CurrentClusterState;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The nodes of the cluster, as this one knows them just now. Safe for use by many threads. */
public final class Members {
  /** Of a node that comes or is there; one that leaves takes nothing any more. */
  private static final Set<MemberStatus> SERVING =
      Set.of(MemberStatus.joining(), MemberStatus.weaklyUp(), MemberStatus.up());

  private final Cluster cluster;

  /** Those of the cluster that a system is of. */
  public Members(ActorSystem<?> system) {
    cluster = Cluster.get(system);
  }

  /**
   * A node of the cluster.
   *
   * @param address {@code host:port}
   * @param state as Akka calls it, in lower case
   * @param isReachable as this node sees it
   */
  public record Node(String address, Set<Role> roles, String state, boolean isReachable) {}

  /** All of them, by address. */
  public List<Node> all() {
    CurrentClusterState state = cluster.state();
    Set<Member> unreachable = state.getUnreachable();
    List<Node> nodes = new ArrayList<>();
    for (Member member : state.getMembers()) {
      nodes.add(
          new Node(
              shown(member.address()),
              Role.of(member.getRoles()),
              stateOf(member.status()),
              !unreachable.contains(member)));
    }
    nodes.sort((a, b) -> a.address().compareTo(b.address()));
    return nodes;
  }

  /** The address of this node. */
  public String self() {
    return shown(cluster.selfMember().address());
  }

  /** Whether there is no other node. */
  public boolean isAlone() {
    return cluster.state().members().size() <= 1;
  }

  /** Why nothing can be done that takes a node with this role; null where there is one. */
  public String absence(Role role) {
    for (Member member : cluster.state().getMembers()) {
      if (member.hasRole(role.configName()) && SERVING.contains(member.status())) {
        return null;
      }
    }
    return "no node has the role " + role.configName();
  }

  /** As {@link #absence(Role)}, of the first that nobody has. */
  public String absence(Collection<Role> roles) {
    for (Role role : roles) {
      String why = absence(role);
      if (why != null) {
        return why;
      }
    }
    return null;
  }

  static String stateOf(MemberStatus status) {
    return status.toString().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  static String shown(Address address) {
    return address.getHost().orElse("") + ":" + address.getPort().map(String::valueOf).orElse("");
  }
}
