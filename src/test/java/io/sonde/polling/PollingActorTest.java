package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.cluster.sharding.ShardRegion.CurrentShardRegionState;
import akka.cluster.sharding.typed.GetShardRegionState;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Leave;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PollingActorTest {
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final CompletionStage<Receipt> DONE =
      CompletableFuture.completedFuture(Receipt.NOTHING);

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
                3,
                List.of("*"),
                List.of(),
                List.of(new PolledTarget("prometheus", url + "/other", null, url + "/other"))));
    new Polling(kit.system(), settings, Runnable::run)
        .start(url + "/metrics", this::store, events -> DONE, new RememberedDiscoveries());
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
      start(kit, settings("web1"), new RememberedDiscoveries());
      new Polling(other.system(), settings("web2", source("host", "local-host")), Runnable::run)
          .start(
              "http://127.0.0.1:1/metrics",
              batch -> DONE,
              events -> DONE,
              new RememberedDiscoveries());
      // Shards go to both nodes by turns, so the first node gets some parts of the second's host.
      awaitAssert(() -> assertThat(seen).anyMatch(line -> line.startsWith("web2")));
    } finally {
      other.shutdownTestKit();
    }
  }

  @Test
  void resourcesOfAListingAreReadAlongAndShown() {
    FakeDiscovery listing = new FakeDiscovery("fake", false);
    listing.finds(
        Found.read(FakeDiscovery.target("a"), FakeDiscovery.reading("a")),
        Found.unread(FakeDiscovery.target("b"), "no volume"),
        Found.of(FakeDiscovery.target("c")));
    FakePollster pollster = new FakePollster(() -> FakePollster.samples("m"), listing);
    PollingSettings settings = settings("web1", pollster, source("things", "fake"));
    PollingService service = start(kit, settings, new RememberedDiscoveries());
    awaitAssert(() -> assertThat(seen).contains("a m", "thing m"));
    PollQuestion all = new PollQuestion("things", null, false, null, 10);
    awaitAssert(
        () ->
            assertThat(join(service.page(all)).statuses())
                .extracting(
                    PollStatus::resourceId,
                    PollStatus::isPolled,
                    PollStatus::isFailing,
                    PollStatus::error,
                    PollStatus::samples)
                .containsExactly(
                    tuple("a", false, false, null, 1),
                    tuple("b", false, true, "no volume", 0),
                    tuple("c", true, false, null, 1)));
    assertThat(join(service.page(new PollQuestion("things", null, true, null, 10))).statuses())
        .extracting(PollStatus::resourceId)
        .containsExactly("b");
    PollPage first = join(service.page(all.first(2)));
    assertThat(first.isMore()).isTrue();
    String last = first.statuses().get(1).entityId();
    assertThat(join(service.page(new PollQuestion("things", null, false, last, 2))).statuses())
        .extracting(PollStatus::resourceId)
        .containsExactly("c");
    PollingService.SourceStatus status = join(service.sources()).get(0);
    assertThat(status.resources()).isEqualTo(3);
    assertThat(status.failing()).isEqualTo(1);
    assertThat(status.discoveries()).extracting(DiscoveryStatus::found).containsExactly(3);
    assertThat(join(service.sources()).get(0).discoveries().get(0).host()).isNull();
  }

  @Test
  void aResourceIsPolledWhenItIsAskedFor() {
    FakeDiscovery listing = new FakeDiscovery("fake", false);
    listing.finds(
        Found.read(FakeDiscovery.target("a"), FakeDiscovery.reading("a")),
        Found.of(FakeDiscovery.target("c")));
    FakePollster pollster = new FakePollster(() -> FakePollster.samples("m"), listing);
    PollingSource source = source("things", "fake", Duration.ofHours(1));
    PollingService service =
        start(kit, settings("web1", pollster, source), new RememberedDiscoveries());
    awaitAssert(() -> assertThat(join(service.sources()).get(0).resources()).isEqualTo(2));
    awaitAssert(() -> assertThat(seen).contains("a m"));
    long now = System.currentTimeMillis();
    assertThat(join(service.pollNow(source, "c")))
        .singleElement()
        .satisfies(status -> assertThat(status.lastSuccess()).isGreaterThanOrEqualTo(now));
    assertThat(pollster.nextPoll()).isGreaterThanOrEqualTo(now);
    listing.finds(Found.unread(FakeDiscovery.target("a"), "odd"));
    assertThat(join(service.pollNow(source, "a")))
        .singleElement()
        .satisfies(status -> assertThat(status.error()).isEqualTo("odd"));
    pollster.answer(() -> FakePollster.failure("it is down"));
    assertThat(join(service.pollNow(source, "c")))
        .singleElement()
        .satisfies(status -> assertThat(status.error()).isEqualTo("it is down"));
    assertThat(join(service.pollNow(source, "nothing"))).isEmpty();
  }

  @Test
  void oneNodeLooksForAllAndAnotherTakesOver() {
    ActorTestKit other = TestCluster.start(kit);
    RememberedDiscoveries memory = new RememberedDiscoveries();
    FakeDiscovery listing = new FakeDiscovery("fake", false);
    listing.finds(Found.read(FakeDiscovery.target("a"), FakeDiscovery.reading("a")));
    PollingSource source = source("things", "fake");
    for (ActorTestKit node : List.of(kit, other)) {
      start(
          node,
          settings("web1", new FakePollster(() -> FakePollster.samples("m"), listing), source),
          memory);
    }
    awaitAssert(() -> assertThat(listing.looks()).isGreaterThan(20));
    assertThat(listing.mostAtOnce()).isEqualTo(1);
    // It takes its leave: of two nodes that lose each other, either may be the one that stays.
    Cluster leaving = Cluster.get(other.system());
    leaving.manager().tell(Leave.create(leaving.selfMember().address()));
    awaitAssert(() -> assertThat(leaving.isTerminated()).isTrue());
    other.shutdownTestKit();
    int before = listing.looks();
    awaitAssert(() -> assertThat(listing.looks()).isGreaterThan(before + 5));
    assertThat(listing.mostAtOnce()).isEqualTo(1);
  }

  /** Discovery looks a minute apart here: only what moves itself goes on. */
  @Test
  void whatMovesToANodeThatJoinsIsPolledOnWithoutWaitingForDiscovery() {
    int count = 40;
    Found[] found = new Found[count];
    for (int i = 0; i < count; i++) {
      found[i] = Found.of(FakeDiscovery.target("r" + i));
    }
    FakeDiscovery listing = new FakeDiscovery("fake", false);
    listing.finds(found);
    FakePollster pollster = new FakePollster(() -> FakePollster.samples("m"), listing);
    RememberedDiscoveries memory = new RememberedDiscoveries();
    PollingSettings settings =
        settings("web1", pollster, source("things", "fake", Duration.ofMinutes(1)));
    PollingService service = start(kit, settings, memory);
    awaitAssert(() -> assertThat(join(service.sources()).get(0).resources()).isEqualTo(count));
    ActorTestKit other = TestCluster.start(kit);
    try {
      start(other, settings("web2", pollster, settings.sources().get(0)), memory);
      PollQuestion all = new PollQuestion("things", null, false, null, count);
      awaitAssert(
          () -> {
            assertThat(entitiesOn(other)).isBetween(count / 2 - 8, count / 2 + 8);
            assertThat(join(service.page(all)).statuses()).hasSize(count);
          });
      assertThat(listing.looks()).isLessThanOrEqualTo(2);
    } finally {
      other.shutdownTestKit();
    }
  }

  private static int entitiesOn(ActorTestKit node) {
    TestProbe<CurrentShardRegionState> probe = node.createTestProbe(CurrentShardRegionState.class);
    ClusterSharding.get(node.system())
        .shardState()
        .tell(new GetShardRegionState(PolledResource.KEY, probe.getRef()));
    return probe.receiveMessage().getShards().stream()
        .mapToInt(shard -> shard.getEntityIds().size())
        .sum();
  }

  private CompletionStage<Receipt> store(SampleBatch batch) {
    for (Sample sample : batch.samples()) {
      seen.add(sample.series().resourceId() + " " + sample.series().meter());
    }
    return CompletableFuture.completedFuture(new Receipt(batch.size(), 0, 0));
  }

  private PollingService start(
      ActorTestKit node, PollingSettings settings, DiscoveryMemory memory) {
    Polling polling = new Polling(node.system(), settings, Runnable::run);
    polling.start("http://127.0.0.1:1/metrics", this::store, events -> DONE, memory);
    return polling.service();
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static PollingSettings settings(
      String host, FakePollster pollster, PollingSource... sources) {
    return settings(host, PollsterSet.of(Map.of(FakePollster.NAME, pollster)), sources);
  }

  private static PollingSettings settings(String host, PollingSource... sources) {
    PollsterSet pollsters =
        PollsterSet.from(
            ConfigSection.of(ConfigFactory.empty(), "pollsters"),
            List.of(HostPollster.factory(), PrometheusPollster.factory()));
    return settings(host, pollsters, sources);
  }

  private static PollingSettings settings(
      String host, PollsterSet pollsters, PollingSource... sources) {
    return new PollingSettings(
        host, 1 << 20, 64, Duration.ofMinutes(1), pollsters, List.of(sources));
  }

  private static PollingSource source(String name, String discovery) {
    return source(name, discovery, INTERVAL);
  }

  private static PollingSource source(String name, String discovery, Duration interval) {
    return new PollingSource(
        name,
        interval,
        TIMEOUT,
        3,
        List.of("*"),
        List.of(new DiscoveryCall(discovery, "")),
        List.of());
  }

  private void awaitAssert(Runnable condition) {
    kit.createTestProbe()
        .awaitAssert(
            Duration.ofSeconds(60),
            () -> {
              condition.run();
              return null;
            });
  }
}
