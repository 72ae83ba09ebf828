package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.UnavailableException;
import io.sonde.store.PipelineStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PipelinesActorTest {
  private static final Config CLUSTER =
      ConfigFactory.parseString(
          """
          akka.actor.provider = cluster
          akka.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }
          akka.cluster.jmx.enabled = off
          akka.cluster.roles = [pipeline]
          akka.cluster.min-nr-of-members = 1
          """);

  private final ActorTestKit kit =
      ActorTestKit.create("pipelines", CLUSTER.withFallback(StageTestKit.CONFIG));
  private final Deliveries deliveries = new Deliveries();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void stagesLiveInTheClusterAndMakeRates() throws Exception {
    Cluster cluster = Cluster.get(kit.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    PipelineSettings settings = Samples.pipelines(2, Samples.rateSink("cpu-rate"));
    Stages stages =
        Pipelines.start(
            kit.system(),
            () -> settings,
            deliveries::deliver,
            new PipelineStore(null),
            Runnable::run);

    CompletableFuture<Void> done =
        stages
            .submit("cpu-rate", Samples.batch(Samples.cpu("vm", 0, 0), Samples.cpu("vm", 10, 70)))
            .toCompletableFuture();

    assertThat(deliveries.next().succeed().samples())
        .singleElement()
        .satisfies(sample -> assertThat(sample.volume()).isEqualTo(7));
    done.get(10, TimeUnit.SECONDS);
    assertThatThrownBy(
            () ->
                stages
                    .submit("unknown", Samples.batch(Samples.cpu("vm", 0, 0)))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(UnavailableException.class)
        .hasMessageContaining("no sink unknown");
  }
}
