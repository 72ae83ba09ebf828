package io.sonde.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.sonde.cluster.ClusterView.NodeView;
import io.sonde.cluster.NodeReport.CollectorState;
import io.sonde.cluster.NodeReport.Hosted;
import io.sonde.cluster.NodeReport.PublisherLag;
import io.sonde.cluster.NodeReport.StageBacklog;
import io.sonde.server.Wait;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClusterServiceActorTest {
  private static final EntityTypeKey<String> KEY =
      EntityTypeKey.create(String.class, EntityKind.COLLECTOR.typeName());

  @Test
  void allNodesSayTheSameOfEach() {
    try (TestNodes nodes = new TestNodes()) {
      ActorTestKit api = nodes.start(Role.API);
      ActorTestKit storing = nodes.start(Role.COLLECTOR, Role.PIPELINE);
      host(api);
      host(storing);
      IntStream.range(0, 3).forEach(i -> wake(api, "c" + i));
      NodeAgent.start(api.system(), facts("no node has the role poller", 0));
      NodeAgent.start(storing.system(), facts(null, 2));
      Wait.until(
          TestNodes.PATIENCE,
          "both answer",
          () -> view(api).isComplete() && view(storing).isComplete());
      Wait.until(
          TestNodes.PATIENCE,
          "the entities are told",
          () -> hosted(view(api), storing).equals(List.of(new Hosted(EntityKind.COLLECTOR, 3, 3))));

      ClusterView view = view(api);
      assertThat(view.answeredBy()).isEqualTo(address(api));
      assertThat(view.missing()).containsExactly(Role.POLLER, Role.NOTIFICATION);
      assertThat(view.nodes()).hasSize(2).isEqualTo(view(storing).nodes());
      assertThat(hosted(view, api)).isEmpty();
      NodeView one = of(view, storing);
      assertThat(one.node().roles()).containsExactly(Role.PIPELINE, Role.COLLECTOR);
      assertThat(one.node().state()).isEqualTo("up");
      assertThat(one.node().isReachable()).isTrue();
      assertThat(one.report().version()).isEqualTo("1");
      assertThat(one.report().unready()).isNull();
      assertThat(one.report().inFlight()).isEqualTo(17);
      assertThat(one.report().collectors()).hasSize(2);
      assertThat(one.report().publishers()).containsExactly(new PublisherLag("udp://h:1", 1, 2, 3));
      assertThat(one.report().stages()).containsExactly(new StageBacklog("s~0", 4, 5));
      assertThat(of(view, api).report().unready()).isEqualTo("no node has the role poller");
    }
  }

  @Test
  void aNodeThatDoesNotAnswerIsListedAsSuch() {
    try (TestNodes nodes = new TestNodes()) {
      ActorTestKit one = nodes.start(Role.API);
      ActorTestKit silent = nodes.start(Role.COLLECTOR);
      NodeAgent.start(one.system(), facts(null, 0));
      silent
          .system()
          .receptionist()
          .tell(
              Receptionist.register(
                  NodeAgent.ALL, silent.spawn(Behaviors.<NodeAgent.Command>ignore())));
      Wait.until(TestNodes.PATIENCE, "the one answers", () -> of(view(one), one).report() != null);

      long begun = System.nanoTime();
      ClusterView view = view(one);
      assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)).isLessThan(4_000);
      assertThat(view.isComplete()).isFalse();
      assertThat(of(view, silent).report()).isNull();
      assertThat(of(view, silent).node().roles()).containsExactly(Role.COLLECTOR);
    }
  }

  private static void host(ActorTestKit node) {
    ClusterSharding.get(node.system())
        .init(EntityKind.COLLECTOR.placed(Entity.of(KEY, context -> Behaviors.ignore())));
  }

  private static void wake(ActorTestKit node, String id) {
    ClusterSharding.get(node.system()).entityRefFor(KEY, id).tell("wake");
  }

  private static NodeAgent.Facts facts(String unready, int collectors) {
    return new NodeAgent.Facts(
        "1",
        "http://h:1",
        () -> unready,
        () -> 17,
        () ->
            IntStream.range(0, collectors)
                .mapToObj(i -> new CollectorState(i, 1, 2, 3, 4, 5, 6, "written"))
                .toList(),
        () -> List.of(new PublisherLag("udp://h:1", 1, 2, 3)),
        () -> List.of(new StageBacklog("s~0", 4, 5)));
  }

  private static ClusterView view(ActorTestKit node) {
    return new ClusterService(node.system()).view().toCompletableFuture().join();
  }

  private static String address(ActorTestKit node) {
    return new Members(node.system()).self();
  }

  private static NodeView of(ClusterView view, ActorTestKit node) {
    return view.nodes().stream()
        .filter(one -> one.node().address().equals(address(node)))
        .findFirst()
        .orElseThrow();
  }

  private static List<Hosted> hosted(ClusterView view, ActorTestKit node) {
    return of(view, node).report().hosted();
  }
}
