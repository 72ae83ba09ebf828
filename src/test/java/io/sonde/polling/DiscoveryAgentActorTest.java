package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.cluster.sharding.typed.ShardingEnvelope;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sonde.model.Event;
import io.sonde.model.Receipt;
import io.sonde.model.Trait;
import io.sonde.model.UnavailableException;
import io.sonde.polling.PollingSource.DiscoveryCall;
import io.sonde.store.DiscoveredStore.Discovered;
import io.sonde.store.DiscoveredStore.Searcher;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DiscoveryAgentActorTest {
  private static final Duration INTERVAL = Duration.ofMillis(100);
  private static ActorTestKit kit;

  private final FakeDiscovery discovery = new FakeDiscovery("fake", false);
  private final RememberedDiscoveries memory = new RememberedDiscoveries();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final TestProbe<ShardingEnvelope<PolledResource.Command>> resources =
      kit.createTestProbe();
  private final Errand errand =
      new Errand(
          new PollingSource(
              "things",
              INTERVAL,
              Duration.ofSeconds(5),
              3,
              List.of("*"),
              List.of(new DiscoveryCall("fake", "")),
              List.of()),
          new DiscoveryCall("fake", ""),
          discovery,
          null);
  private volatile boolean refusesEvents;
  private ActorRef<DiscoveryAgent.Command> agent;

  @BeforeAll
  static void start() {
    kit = TestCluster.start();
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  @AfterEach
  void stopAgent() {
    kit.stop(agent);
  }

  @Test
  void whatIsKnownStaysAssertedWhileLookingFails() {
    discovery.finds(Found.of(FakeDiscovery.target("a")));
    spawn();
    expectAsserted("a");
    discovery.answers(CompletableFuture.failedFuture(new PollException("the listing is away")));
    waitForLooks(10);
    expectAsserted("a");
    discovery.answers(new CompletableFuture<>());
    waitForLooks(1);
    expectAsserted("a");
    assertThat(told(ResourceEvents.GONE)).isEmpty();
  }

  @Test
  void whatIsMissedSeveralTimesIsGoneAndItIsTold() {
    discovery.finds(
        Found.read(FakeDiscovery.target("a"), FakeDiscovery.reading("a")),
        Found.of(FakeDiscovery.target("b")));
    spawn();
    await(() -> assertThat(told(ResourceEvents.FOUND)).containsExactlyInAnyOrder("a", "b"));
    await(() -> assertThat(memory.of(errand)).hasSize(2));
    assertThat(traits(events.get(0)))
        .containsEntry("project_id", "p1")
        .containsEntry("source", "things");
    discovery.finds(Found.of(FakeDiscovery.target("b")));
    awaitEnd("a");
    assertThat(told(ResourceEvents.GONE)).containsExactly("a");
    await(() -> assertThat(memory.of(errand)).hasSize(1));
    Event gone = events.get(events.size() - 1);
    assertThat((Long) traits(gone).get("last_found_at"))
        .isLessThan(gone.generated())
        .isGreaterThanOrEqualTo((Long) traits(gone).get("found_at"));
    discovery.finds(Found.of(FakeDiscovery.target("a")), Found.of(FakeDiscovery.target("b")));
    await(() -> assertThat(told(ResourceEvents.FOUND)).containsExactlyInAnyOrder("a", "b", "a"));
    assertThat(events).extracting(Event::messageId).doesNotHaveDuplicates();
  }

  @Test
  void aPartialAnswerMakesNothingGone() {
    discovery.finds(Found.of(FakeDiscovery.target("a")), Found.of(FakeDiscovery.target("b")));
    spawn();
    await(() -> assertThat(memory.of(errand)).hasSize(2));
    discovery.answers(
        CompletableFuture.completedFuture(
            new Findings(
                List.of(Found.of(FakeDiscovery.target("b"))), false, List.of("page 2: 500"))));
    waitForLooks(8);
    expectAsserted("a");
    assertThat(told(ResourceEvents.GONE)).isEmpty();
  }

  @Test
  void anotherAgentGoesOnWithWhatThisOneKnew() {
    discovery.finds(Found.of(FakeDiscovery.target("a")));
    spawn();
    await(() -> assertThat(memory.of(errand)).hasSize(1));
    kit.stop(agent);
    discovery.finds();
    spawn();
    awaitEnd("a");
    assertThat(told(ResourceEvents.FOUND)).containsExactly("a");
    assertThat(told(ResourceEvents.GONE)).containsExactly("a");
  }

  @Test
  void whatWasMissedWhenAnotherAgentKnewItLastIsFoundAnew() {
    discovery.finds(Found.of(FakeDiscovery.target("a")), Found.of(FakeDiscovery.target("b")));
    spawn();
    await(() -> assertThat(memory.of(errand)).hasSize(2));
    discovery.finds(Found.of(FakeDiscovery.target("b")));
    await(() -> assertThat(memory.of(errand)).anyMatch(one -> one.lastFound() != null));
    kit.stop(agent);
    discovery.finds(Found.of(FakeDiscovery.target("a")), Found.of(FakeDiscovery.target("b")));
    spawn();
    // Perhaps it was told meanwhile that it is gone; that it is here again does no harm.
    await(() -> assertThat(told(ResourceEvents.FOUND)).containsExactlyInAnyOrder("a", "b", "a"));
    await(() -> assertThat(memory.of(errand)).allMatch(one -> one.lastFound() == null));
    assertThat(events).extracting(Event::messageId).doesNotHaveDuplicates();
  }

  @Test
  void whatAnotherDiscoveryHasTooIsNotGone() {
    memory.update(
        new Searcher("things", "other"),
        null,
        List.of(new Discovered("fake", "a", Instant.EPOCH, null)),
        List.of());
    discovery.finds(Found.of(FakeDiscovery.target("a")), Found.of(FakeDiscovery.target("b")));
    spawn();
    await(() -> assertThat(memory.of(errand)).hasSize(2));
    discovery.finds();
    awaitEnd("b");
    await(() -> assertThat(memory.of(errand)).isEmpty());
    assertThat(told(ResourceEvents.GONE)).containsExactly("b");
  }

  @Test
  void whatWentWhileNobodyLookedEndsWhenItWasFoundLast() {
    discovery.finds(Found.of(FakeDiscovery.target("a")));
    spawn();
    await(() -> assertThat(memory.of(errand)).hasSize(1));
    kit.stop(agent);
    long stopped = System.currentTimeMillis() * 1000;
    discovery.finds();
    spawn();
    awaitEnd("a");
    Event gone = events.get(events.size() - 1);
    assertThat((Long) traits(gone).get("last_found_at")).isLessThanOrEqualTo(stopped);
  }

  @Test
  void nothingIsForgottenBeforeItIsToldDurably() {
    memory.away(true);
    refusesEvents = true;
    discovery.finds(Found.of(FakeDiscovery.target("a")));
    spawn();
    waitForLooks(3);
    memory.away(false);
    waitForLooks(3);
    assertThat(memory.of(errand)).isEmpty();
    refusesEvents = false;
    await(() -> assertThat(memory.of(errand)).hasSize(1));
    refusesEvents = true;
    discovery.finds();
    waitForLooks(8);
    assertThat(memory.of(errand)).hasSize(1);
    refusesEvents = false;
    awaitEnd("a");
    await(() -> assertThat(memory.of(errand)).isEmpty());
    assertThat(told(ResourceEvents.GONE)).containsExactly("a");
  }

  private void spawn() {
    PollingNode node =
        PollingNode.of(
            new PollingSettings(
                "web1", 1, 1, Duration.ofMinutes(1), PollsterSet.of(Map.of()), List.of()),
            batch -> CompletableFuture.completedFuture(Receipt.NOTHING),
            new PollingMetrics(new PrometheusRegistry()),
            Clock.systemUTC());
    agent =
        kit.spawn(
            DiscoveryAgent.create(
                errand,
                new DiscoveryAgent.Environment(node, memory, this::tell, resources.getRef())));
  }

  private CompletionStage<Receipt> tell(List<Event> told) {
    if (refusesEvents) {
      return CompletableFuture.failedFuture(new UnavailableException("no room"));
    }
    events.addAll(told);
    return CompletableFuture.completedFuture(Receipt.NOTHING);
  }

  private List<String> told(String type) {
    return events.stream()
        .filter(event -> event.eventType().equals(type))
        .map(event -> (String) traits(event).get("resource_id"))
        .toList();
  }

  private static Map<String, Object> traits(Event event) {
    return event.traits().stream()
        .collect(java.util.stream.Collectors.toMap(Trait::name, Trait::value));
  }

  private void expectAsserted(String resourceId) {
    String id = "things/fake/" + resourceId;
    resources.fishForMessage(
        Duration.ofSeconds(10),
        message ->
            message.entityId().equals(id) && message.message() instanceof PolledResource.Assert
                ? akka.actor.testkit.typed.javadsl.FishingOutcomes.complete()
                : akka.actor.testkit.typed.javadsl.FishingOutcomes.continueAndIgnore());
  }

  private void awaitEnd(String resourceId) {
    String id = "things/fake/" + resourceId;
    resources.fishForMessage(
        Duration.ofSeconds(10),
        message ->
            message.entityId().equals(id) && message.message() instanceof PolledResource.End
                ? akka.actor.testkit.typed.javadsl.FishingOutcomes.complete()
                : akka.actor.testkit.typed.javadsl.FishingOutcomes.continueAndIgnore());
  }

  private void waitForLooks(int more) {
    int before = discovery.looks();
    await(() -> assertThat(discovery.looks()).isGreaterThanOrEqualTo(before + more));
  }

  private void await(Runnable condition) {
    kit.createTestProbe()
        .awaitAssert(
            Duration.ofSeconds(10),
            () -> {
              condition.run();
              return null;
            });
  }
}
