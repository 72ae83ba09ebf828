package io.sonde.polling;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

/** A cluster of one node, in which every message is serialized. */
final class TestCluster {
  private static final String CONFIG =
      """
      akka {
        actor.provider = cluster
        actor.serialize-messages = on
        actor.allow-java-serialization = off
        remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
        cluster.jmx.multi-mbeans-in-same-jvm = on
        cluster.downing-provider-class = "akka.cluster.sbr.SplitBrainResolverProvider"
        coordinated-shutdown.exit-jvm = off
        loglevel = WARNING
      }
      """;

  private TestCluster() {}

  static ActorTestKit start() {
    Config config =
        ConfigFactory.parseString(CONFIG)
            .withFallback(ConfigFactory.parseResources("polling-defaults.conf"))
            .withFallback(ConfigFactory.load());
    ActorTestKit kit = ActorTestKit.create("polling", config);
    Cluster cluster = Cluster.get(kit.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    return kit;
  }
}
