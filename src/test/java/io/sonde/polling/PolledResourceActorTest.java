package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import io.sonde.polling.PollingMetrics.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PolledResourceActorTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static ActorTestKit kit;

  private final FakePollster pollster = new FakePollster(() -> FakePollster.samples("a", "b"));
  private final BlockingQueue<SampleBatch> stored = new LinkedBlockingQueue<>();
  private final PollingMetrics metrics = new PollingMetrics(new PrometheusRegistry());
  private final TestProbe<PolledResource.Command> successor =
      kit.createTestProbe(PolledResource.Command.class);
  private final TestProbe<ClusterSharding.ShardCommand> shard =
      kit.createTestProbe(ClusterSharding.ShardCommand.class);
  private Function<SampleBatch, CompletionStage<Receipt>> intake = this::store;
  private ActorRef<PolledResource.Command> entity;
  private PollSpec last;

  @BeforeAll
  static void start() {
    kit = TestCluster.start();
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  @AfterEach
  void stopEntity() {
    if (entity != null) {
      kit.stop(entity);
    }
  }

  @Test
  void readsOnceAnIntervalAtItsPhase() {
    spawn("here");
    asserted(spec(SHORT, null, "*"));
    PollSchedule schedule = PollSchedule.of("id", SHORT);
    long previous = slot(schedule, pollster.nextPoll());
    for (int i = 0; i < 5; i++) {
      asserted(spec(SHORT, null, "*"));
      long next = slot(schedule, pollster.nextPoll());
      assertThat(next).isGreaterThan(previous);
      previous = next;
    }
  }

  @Test
  void handsInAllSamplesOfAPollInOneBatch() {
    spawn("here");
    asserted(spec(SHORT, null, "*"));
    assertThat(nextStored().samples())
        .extracting(s -> s.series().meter())
        .containsExactly("a", "b");
    counts(Outcome.OK, 1);
  }

  @Test
  void allSamplesOfAPollCarryTheMomentOfTheReading() {
    spawn("here");
    long before = System.nanoTime();
    asserted(spec(SHORT, null, "!c"));
    SampleBatch first = nextStored();
    asserted(spec(SHORT, null, "!c"));
    SampleBatch second = nextStored();
    // Timestamps are whole milliseconds.
    assertThat(first.monotonic().nanos()).isBetween(before - 2_000_000, second.monotonic().nanos());
    assertThat(first.monotonic().clock()).isEqualTo(second.monotonic().clock());
    assertThat(first.sample(1).monotonic()).isEqualTo(first.monotonic());
    // An exporter that tells of another time measured then.
    pollster.answer(() -> CompletableFuture.completedFuture(FakeDiscovery.reading("x", 5_000)));
    keepAsserting(() -> assertThat(stored).anyMatch(batch -> batch.monotonic() == null));
  }

  @Test
  void keepsTheMetersOfItsSource() {
    spawn("here");
    asserted(spec(SHORT, null, "!a"));
    assertThat(nextStored().samples()).extracting(s -> s.series().meter()).containsExactly("b");
  }

  @Test
  void aLatePollIsSkippedAndCounted() {
    CompletableFuture<SampleBatch> slow = new CompletableFuture<>();
    pollster.answer(() -> slow);
    spawn("here");
    asserted(spec(SHORT, null, "*"));
    pollster.nextPoll();
    counts(Outcome.SKIPPED, 3);
    assertThat(pollster.pollsNotTaken()).isZero();
    pollster.answer(() -> FakePollster.samples("a"));
    slow.complete(FakePollster.samples("late").toCompletableFuture().join());
    assertThat(nextStored().series(0).meter()).isEqualTo("late");
    asserted(spec(SHORT, null, "*"));
    assertThat(nextStored().series(0).meter()).isEqualTo("a");
  }

  @Test
  void failuresMakeItSlowerUntilTheFirstSuccess() {
    pollster.answer(() -> FakePollster.failure("it is down"));
    spawn("here");
    asserted(spec(SHORT, null, "*"));
    PollSchedule schedule = PollSchedule.of("id", SHORT);
    long previous = slot(schedule, pollster.nextPoll());
    for (int least : new int[] {2, 4, 8, 8}) {
      long next = slot(schedule, nextPollWhileAsserted());
      assertThat(next - previous).isGreaterThanOrEqualTo(least);
      previous = next;
    }
    counts(Outcome.FAILED, 5);
    pollster.answer(() -> FakePollster.samples("a"));
    nextPollWhileAsserted();
    long first = slot(schedule, nextPollWhileAsserted());
    assertThat(slot(schedule, nextPollWhileAsserted()) - first).isLessThan(8);
  }

  @Test
  void aPollsterThatThrowsIsAFailure() {
    pollster.answer(
        () -> {
          throw new IllegalStateException("a bug");
        });
    spawn("here");
    asserted(spec(SHORT, null, "*"));
    counts(Outcome.FAILED, 1);
  }

  @Test
  void samplesThatAreNotStoredAreCountedAndItGoesOn() {
    intake = batch -> CompletableFuture.failedFuture(new UnavailableException("no room"));
    spawn("here");
    asserted(spec(SHORT, null, "*"));
    counts(Outcome.UNSTORED, 4);
    assertThat(metrics.counted("source", Outcome.FAILED)).isZero();
  }

  @Test
  void endsOnlyForTheDiscoveryThatAssertedItLast() {
    spawn("here");
    asserted(spec(Duration.ofHours(1), null, "*"));
    entity.tell(new PolledResource.End("another", null));
    shard.expectNoMessage(Duration.ofMillis(300));
    entity.tell(new PolledResource.End("fake", null));
    shard.expectMessageClass(ClusterSharding.Passivate.class);
  }

  @Test
  void twoThatAssertItInTurnDoNotPutItsPollOff() {
    pollster.answer(() -> FakePollster.failure("it is down"));
    spawn("here");
    asserted(spec(SHORT, null, "*"));
    counts(Outcome.FAILED, 3);
    PollSpec first = last;
    PollSpec second = spec(SHORT, null, "a");
    TestProbe<Object> probe = kit.createTestProbe();
    probe.awaitAssert(
        Duration.ofSeconds(10),
        Duration.ofMillis(10),
        () -> {
          asserted(first);
          asserted(second);
          assertThat(metrics.counted("source", Outcome.FAILED)).isGreaterThanOrEqualTo(6);
          return null;
        });
  }

  @Test
  void asksToBeStoppedWhenNobodyAssertsIt() {
    spawn("here");
    asserted(spec(SHORT, null, "*"));
    shard.expectMessageClass(ClusterSharding.Passivate.class);
    entity.tell(PolledResource.stop());
    shard.expectTerminated(entity);
  }

  @Test
  void partsOfAnotherHostAreReadThere() {
    FakePollster there = new FakePollster(() -> FakePollster.samples("there"));
    ActorRef<PollAgent.Command> agent =
        kit.spawn(PollAgent.create(node("other", there), Map.of()), "agent-of-other");
    pollster.answer(() -> FakePollster.failure("must not be read here"));
    spawn("here");
    asserted(spec(SHORT, "other", "*"));
    keepAsserting(() -> assertThat(stored).isNotEmpty());
    assertThat(nextStored().series(0).meter()).isEqualTo("there");
    there.answer(() -> FakePollster.failure("it is down"));
    counts(Outcome.FAILED, 1);
    kit.stop(agent);
  }

  @Test
  void aHostWithoutANodeIsAFailure() {
    spawn("here");
    asserted(spec(SHORT, "nowhere", "*"));
    counts(Outcome.FAILED, 1);
    assertThat(stored).isEmpty();
  }

  @Test
  void whatItsShardTakesElsewhereGoesOnThereAtOnce() {
    spawn("here");
    PollSpec spec = spec(SHORT, null, "*");
    asserted(spec);
    nextStored();
    entity.tell(PolledResource.stop());
    assertThat(successor.receiveMessage()).isEqualTo(new PolledResource.Assert(spec));
  }

  @Test
  void whatIsGoneGoesOnNowhere() {
    spawn("here");
    PollSpec spec = spec(SHORT, null, "*");
    asserted(spec);
    nextStored();
    entity.tell(new PolledResource.End(spec.discovery(), null));
    shard.receiveMessage();
    TestProbe<Object> watch = kit.createTestProbe();
    entity.tell(PolledResource.stop());
    watch.expectTerminated(entity);
    successor.expectNoMessage(Duration.ZERO);
  }

  private void spawn(String host) {
    entity =
        kit.spawn(
            PolledResource.create(
                "id", shard.getRef(), node(host, pollster), successor.getRef()::tell));
  }

  private PollingNode node(String host, Pollster reads) {
    return PollingNode.of(
        new PollingSettings(
            host,
            1 << 20,
            64,
            Duration.ofMinutes(1),
            PollsterSet.of(Map.of(FakePollster.NAME, reads)),
            List.of()),
        batch -> intake.apply(batch),
        metrics,
        Clock.systemUTC());
  }

  private CompletionStage<Receipt> store(SampleBatch batch) {
    stored.add(batch);
    return CompletableFuture.completedFuture(new Receipt(batch.size(), 0, 0));
  }

  private static PollSpec spec(Duration interval, String host, String pattern) {
    PolledTarget target = new PolledTarget(FakePollster.NAME, "thing", host, "address");
    return new PollSpec("source", "fake", interval, TIMEOUT, List.of(pattern), true, target);
  }

  private void asserted(PollSpec spec) {
    last = spec;
    entity.tell(new PolledResource.Assert(spec));
  }

  /** As discovery would, while a condition is waited for. */
  private void keepAsserting(Runnable condition) {
    TestProbe<Object> probe = kit.createTestProbe();
    probe.awaitAssert(
        Duration.ofSeconds(10),
        Duration.ofMillis(20),
        () -> {
          asserted(last);
          condition.run();
          return null;
        });
  }

  private long nextPollWhileAsserted() {
    keepAsserting(() -> assertThat(pollster.pollsNotTaken()).isPositive());
    return pollster.nextPoll();
  }

  private void counts(Outcome outcome, long least) {
    keepAsserting(
        () -> assertThat(metrics.counted("source", outcome)).isGreaterThanOrEqualTo(least));
  }

  private SampleBatch nextStored() {
    try {
      SampleBatch batch = stored.poll(10, TimeUnit.SECONDS);
      assertThat(batch).as("samples within 10 s").isNotNull();
      return batch;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static long slot(PollSchedule schedule, long time) {
    return Math.floorDiv(time - schedule.phase(), schedule.interval());
  }
}
