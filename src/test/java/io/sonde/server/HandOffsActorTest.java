package io.sonde.server;

import akka.actor.ActorRef;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.collector.Collector;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandOffsActorTest {
  private static final Config CONFIG =
      ConfigFactory.parseString(
              """
              akka.actor.provider = cluster
              akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
              akka.cluster.jmx.multi-mbeans-in-same-jvm = on
              akka.coordinated-shutdown { exit-jvm = off, run-by-actor-system-terminate = off }
              akka.loglevel = WARNING
              """)
          .withFallback(ConfigFactory.parseResources("application.conf"))
          .withFallback(ConfigFactory.load())
          .resolve();

  private final ActorTestKit kit = ActorTestKit.create("hand-offs", CONFIG);

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  /** The region has no coordinator yet, so what it is told to hand off is still in its buffer. */
  @Test
  void whatIsDroppedAtAHandOffArrivesAfterAll() throws ReflectiveOperationException {
    ClusterSharding sharding = ClusterSharding.get(kit.system());
    sharding.init(
        Entity.of(
            Collector.TYPE_KEY,
            entity ->
                Behaviors.receive(Collector.Command.class)
                    .onMessage(
                        Collector.Ping.class,
                        ping -> {
                          ping.replyTo().tell(new Collector.Pong(3, 0, 0, 0));
                          return Behaviors.same();
                        })
                    .build()));
    HandOffs.watch(kit.system());
    TestProbe<Collector.Pong> probe = kit.createTestProbe();
    sharding.entityRefFor(Collector.TYPE_KEY, "3").tell(new Collector.Ping(probe.getRef()));
    String shard = Integer.toString(Math.abs("3".hashCode() % 1000));
    ActorRef region =
        akka.cluster.sharding.ClusterSharding.get(Adapter.toClassic(kit.system()))
            .shardRegion(Collector.TYPE_KEY.name());
    region.tell(handOff(shard), ActorRef.noSender());

    Cluster cluster = Cluster.get(kit.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));

    probe.expectMessageClass(Collector.Pong.class, Duration.ofSeconds(20));
  }

  /** Scala's nested classes have names that Java's compiler cannot spell. */
  private static Object handOff(String shard) throws ReflectiveOperationException {
    return Class.forName("akka.cluster.sharding.ShardCoordinator$Internal$HandOff")
        .getConstructor(String.class)
        .newInstance(shard);
  }
}
