package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;

/** A cluster of one node or two, in which every message is serialized. */
final class TestCluster {
  private static final String CONFIG =
      """
      akka {
        actor.provider = cluster
        actor.serialize-messages = on
        actor.allow-java-serialization = off
        remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
        cluster.jmx.multi-mbeans-in-same-jvm = on
        cluster.roles = [poller]
        cluster.sharding.rebalance-interval = 1s
        cluster.downing-provider-class = "akka.cluster.sbr.SplitBrainResolverProvider"
        # A test ends its nodes; it does not take leave of a cluster that ends as well.
        coordinated-shutdown { exit-jvm = off, run-by-actor-system-terminate = off }
        loglevel = WARNING
      }
      """;

  private TestCluster() {}

  static ActorTestKit start() {
    ActorTestKit kit = ActorTestKit.create("polling", config());
    join(kit, kit);
    return kit;
  }

  /** Another node of a cluster. */
  static ActorTestKit start(ActorTestKit first) {
    ActorTestKit kit = ActorTestKit.create("polling", config());
    join(kit, first);
    kit.createTestProbe()
        .awaitAssert(
            Duration.ofSeconds(20),
            () -> {
              Cluster cluster = Cluster.get(kit.system());
              assertThat(cluster.selfMember().status()).isEqualTo(MemberStatus.up());
              return null;
            });
    return kit;
  }

  private static void join(ActorTestKit kit, ActorTestKit first) {
    Cluster.get(kit.system())
        .manager()
        .tell(Join.create(Cluster.get(first.system()).selfMember().address()));
  }

  private static Config config() {
    return ConfigFactory.parseString(CONFIG)
        .withFallback(ConfigFactory.parseResources("application.conf"))
        .withFallback(ConfigFactory.load())
        .resolve();
  }
}
