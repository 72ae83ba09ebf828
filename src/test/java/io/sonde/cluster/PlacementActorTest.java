package io.sonde.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.sonde.server.Wait;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where entities live, and how many of them move when a node joins. */
class PlacementActorTest {
  /** Enough that each is in a shard of its own for the most part. */
  private static final int MANY = 300;

  private static final int FEW = 12;

  private static final String STOP = "stop";

  /** For each entity the nodes that it started on, in turn. */
  private final Map<String, List<String>> homes = new ConcurrentHashMap<>();

  @ParameterizedTest
  @EnumSource(names = {"STAGE", "POLLED_RESOURCE"})
  void aNodeThatJoinsIsGivenItsShareAndNoMore(EntityKind kind) {
    int count = kind == EntityKind.STAGE ? FEW : MANY;
    try (TestNodes nodes = new TestNodes()) {
      ActorTestKit first = nodes.start(kind.role());
      host(first, kind, "a");
      host(nodes.start(kind.role()), kind, "b");
      wake(first, kind, count);
      awaitBalance(count, 2);
      Map<String, String> before = current();
      homes.replaceAll((id, each) -> List.of(before.get(id)));

      host(nodes.start(kind.role()), kind, "c");
      awaitBalance(count, 3);

      Map<String, String> after = current();
      List<String> moved =
          before.keySet().stream().filter(id -> !before.get(id).equals(after.get(id))).toList();
      System.out.println(
          kind.label() + ": " + moved.size() + " of " + count + " moved as a third node joined");
      assertThat(moved).allMatch(id -> after.get(id).equals("c"));
      assertThat(homes.values()).as("none moves twice").allMatch(each -> each.size() <= 2);
      assertThat(moved.size() / (double) count).isBetween(0.28, 0.39);
    }
  }

  @Test
  void entitiesLiveWhereTheirRoleIs() {
    try (TestNodes nodes = new TestNodes()) {
      ActorTestKit api = nodes.start(Role.API);
      host(api, EntityKind.COLLECTOR, "api");
      assertThat(new Members(api.system()).absence(Role.COLLECTOR))
          .isEqualTo("no node has the role collector");
      assertThat(new Members(api.system()).absence(List.of(Role.API))).isNull();
      host(nodes.start(Role.COLLECTOR, Role.PIPELINE), EntityKind.COLLECTOR, "collector");
      wake(api, EntityKind.COLLECTOR, FEW);
      Wait.until(TestNodes.PATIENCE, "all have started", () -> homes.size() == FEW);
      assertThat(current().values()).containsOnly("collector");
      assertThat(new Members(api.system()).absence(Role.COLLECTOR)).isNull();
      assertThat(new Members(api.system()).absence(List.of(Role.COLLECTOR, Role.POLLER)))
          .isEqualTo("no node has the role poller");
    }
  }

  private void host(ActorTestKit node, EntityKind kind, String name) {
    ClusterSharding.get(node.system())
        .init(
            kind.placed(
                Entity.of(key(kind), context -> entity(kind, context.getEntityId(), name))
                    .withStopMessage(STOP)));
  }

  /** As a polled resource does, it sees to it that it goes on where its shard goes. */
  private Behavior<String> entity(EntityKind kind, String id, String home) {
    homes.merge(
        id,
        List.of(home),
        (former, last) -> Stream.concat(former.stream(), last.stream()).toList());
    return Behaviors.receive(
        (context, message) -> {
          if (!message.equals(STOP)) {
            return Behaviors.same();
          }
          ClusterSharding.get(context.getSystem()).entityRefFor(key(kind), id).tell("wake");
          return Behaviors.stopped();
        });
  }

  private static EntityTypeKey<String> key(EntityKind kind) {
    return EntityTypeKey.create(String.class, kind.typeName());
  }

  private static void wake(ActorTestKit node, EntityKind kind, int count) {
    for (int i = 0; i < count; i++) {
      ClusterSharding.get(node.system()).entityRefFor(key(kind), "sink~" + i).tell("wake");
    }
  }

  /** Where each lives now. */
  private Map<String, String> current() {
    Map<String, String> current = new TreeMap<>();
    homes.forEach((id, each) -> current.put(id, each.get(each.size() - 1)));
    return current;
  }

  private void awaitBalance(int count, int nodes) {
    // Some of many share a shard.
    int slack = count / 30;
    Wait.until(
        TestNodes.PATIENCE,
        "they are spread over " + nodes + " nodes",
        () -> {
          Map<String, Integer> shares = new HashMap<>();
          current().values().forEach(home -> shares.merge(home, 1, Integer::sum));
          return homes.size() == count
              && shares.size() == nodes
              && shares.values().stream().allMatch(share -> share >= count / nodes - slack);
        });
  }
}
