package io.sonde.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.server.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Nodes of one cluster in this process, in which every message is serialized. */
final class TestNodes implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String CONFIG =
      """
      akka {
        actor.provider = cluster
        actor.serialize-messages = on
        actor.allow-java-serialization = off
        remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
        cluster.jmx.multi-mbeans-in-same-jvm = on
        cluster.sharding.rebalance-interval = 1500ms
        coordinated-shutdown { exit-jvm = off, run-by-actor-system-terminate = off }
        loglevel = WARNING
      }
      """;

  private final List<ActorTestKit> nodes = new ArrayList<>();

  /** Starts a node with these roles, and waits until it is up. */
  ActorTestKit start(Role... roles) {
    Config config =
        ConfigFactory.parseString(
                "akka.cluster.roles = ["
                    + String.join(",", List.of(roles).stream().map(Role::configName).toList())
                    + "]")
            .withFallback(ConfigFactory.parseString(CONFIG))
            .withFallback(ConfigFactory.parseResources("application.conf"))
            .withFallback(ConfigFactory.load())
            .resolve();
    ActorTestKit node = ActorTestKit.create("nodes", config);
    nodes.add(node);
    Cluster cluster = Cluster.get(node.system());
    cluster.manager().tell(Join.create(Cluster.get(nodes.get(0).system()).selfMember().address()));
    Wait.until(
        PATIENCE,
        "the node is up, and all know it",
        () ->
            nodes.stream()
                .allMatch(
                    each ->
                        new Members(each.system())
                                .all().stream().filter(one -> one.state().equals("up")).count()
                            == nodes.size()));
    assertThat(cluster.selfMember().status()).isEqualTo(MemberStatus.up());
    return node;
  }

  @Override
  public void close() {
    nodes.forEach(ActorTestKit::shutdownTestKit);
  }
}
