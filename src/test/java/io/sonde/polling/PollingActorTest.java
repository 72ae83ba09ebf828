package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.cluster.sharding.typed.ShardingEnvelope;
import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.ConfigFactory;
import io.sonde.exporter.PrometheusPollster;
import io.sonde.host.HostPollster;
import io.sonde.model.ConfigSection;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.polling.PollingSource.DiscoveryCall;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PollingActorTest {
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private ActorTestKit kit;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    kit = TestCluster.start();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    for (String path : List.of("/metrics", "/other")) {
      server.createContext(
          path,
          exchange -> {
            byte[] body = "up 1\n".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
    }
    server.start();
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
    server.stop(0);
  }

  @Test
  void pollsTheHostItsOwnMetricsAndExporters() {
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    PollingSettings settings =
        settings(
            "web1",
            source("host", "local-host"),
            source("self", "local-metrics"),
            new PollingSource(
                "exporters",
                INTERVAL,
                TIMEOUT,
                List.of("*"),
                List.of(),
                List.of(new PolledTarget("prometheus", url + "/other", null, url + "/other"))));
    Polling.start(kit.system(), settings, url + "/metrics", this::store);
    awaitAssert(
        () ->
            assertThat(seen)
                .contains(
                    "web1 cpu",
                    "web1 memory.usage",
                    "web1:" + server.getAddress().getPort() + " up",
                    url + "/other up"));
  }

  @Test
  void anEntityOnAnotherHostAsksTheAgentOfItsHost() {
    ActorTestKit other = TestCluster.start(kit);
    try {
      Polling.start(kit.system(), settings("web1"), "http://127.0.0.1:1/metrics", this::store);
      Polling.start(
          other.system(),
          settings("web2", source("host", "local-host")),
          "http://127.0.0.1:1/metrics",
          batch -> CompletableFuture.completedFuture(new Receipt(batch.size(), 0, 0)));
      // Shards go to both nodes by turns, so the first node gets some parts of the second's host.
      awaitAssert(() -> assertThat(seen).anyMatch(line -> line.startsWith("web2")));
    } finally {
      other.shutdownTestKit();
    }
  }

  @Test
  void whatIsKnownStaysAssertedWhileLookingFails() {
    TestProbe<ShardingEnvelope<PolledResource.Command>> resources = kit.createTestProbe();
    PolledTarget target = new PolledTarget("fake", "thing", null, "address");
    AtomicReference<CompletionStage<Findings>> answer =
        new AtomicReference<>(
            CompletableFuture.completedFuture(Findings.of(List.of(Found.of(target)))));
    Discovery discovery =
        new Discovery() {
          @Override
          public String name() {
            return "fake";
          }

          @Override
          public boolean isLocal() {
            return true;
          }

          @Override
          public CompletionStage<Findings> find(Search search) {
            return answer.get();
          }
        };
    PollingSource source = source("things", "fake");
    kit.spawn(
        DiscoveryAgent.create(
            List.of(new DiscoveryAgent.Errand(source, source.discoveries().get(0), discovery)),
            resources.getRef()));
    PollSpec spec = PollSpec.of(source, target);
    resources.expectMessage(
        new ShardingEnvelope<>("things/fake/thing", new PolledResource.Assert(spec)));
    answer.set(CompletableFuture.failedFuture(new PollException("the listing is away")));
    resources
        .receiveSeveralMessages(5)
        .forEach(m -> assertThat(m.entityId()).isEqualTo(spec.entityId()));
    answer.set(new CompletableFuture<>());
    resources
        .receiveSeveralMessages(5)
        .forEach(m -> assertThat(m.entityId()).isEqualTo(spec.entityId()));
  }

  private CompletionStage<Receipt> store(SampleBatch batch) {
    for (Sample sample : batch.samples()) {
      seen.add(sample.series().resourceId() + " " + sample.series().meter());
    }
    return CompletableFuture.completedFuture(new Receipt(batch.size(), 0, 0));
  }

  private static PollingSettings settings(String host, PollingSource... sources) {
    PollsterSet pollsters =
        PollsterSet.from(
            ConfigSection.of(ConfigFactory.empty(), "pollsters"),
            List.of(HostPollster.factory(), PrometheusPollster.factory()));
    return new PollingSettings(host, 1 << 20, pollsters, List.of(sources));
  }

  private static PollingSource source(String name, String discovery) {
    return new PollingSource(
        name,
        INTERVAL,
        TIMEOUT,
        List.of("*"),
        List.of(new DiscoveryCall(discovery, "")),
        List.of());
  }

  private void awaitAssert(Runnable condition) {
    kit.createTestProbe()
        .awaitAssert(
            Duration.ofSeconds(20),
            () -> {
              condition.run();
              return null;
            });
  }
}
