package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.persistence.testkit.javadsl.PersistenceTestKit;
import akka.persistence.testkit.javadsl.SnapshotTestKit;
import akka.serialization.SerializationExtension;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.pipeline.Deliveries.Delivery;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.pipeline.PipelineStage.Batch;
import io.sonde.pipeline.PipelineStage.Command;
import io.sonde.pipeline.PipelineStage.Reply;
import io.sonde.pipeline.PipelineStage.Stored;
import io.sonde.pipeline.PipelineStage.Unavailable;
import io.sonde.server.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PipelineStageActorTest {
  private static final ActorTestKit KIT = ActorTestKit.create("stages", StageTestKit.CONFIG);
  private static final PersistenceTestKit JOURNAL = PersistenceTestKit.create(KIT.system());
  private static final SnapshotTestKit SNAPSHOTS = SnapshotTestKit.create(KIT.system());
  private static final String ID = "cpu-rate~0";
  private static final String PERSISTENCE_ID = "PipelineStage|" + ID;

  private final Deliveries deliveries = new Deliveries();
  private final ManualClock clock = new ManualClock();
  private final RememberedRemains remains = new RememberedRemains();
  private Duration idleAfter = Duration.ofDays(1);
  private volatile PipelineSettings pipelines;
  private final TestProbe<Reply> replies = KIT.createTestProbe();

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @BeforeEach
  void clear() {
    JOURNAL.clearAll();
    SNAPSHOTS.clearAll();
    JOURNAL.resetPolicy();
  }

  @Test
  void answersOnlyWhenWhatWasMadeIsStored() {
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 100));
    replies.expectMessage(Stored.INSTANCE);

    hand(stage, Samples.cpu("vm", 10, 200));
    Delivery delivery = deliveries.next();
    replies.expectNoMessage(Duration.ofMillis(50));
    delivery.succeed();

    replies.expectMessage(Stored.INSTANCE);
    assertThat(delivery.sink()).isEqualTo("cpu-rate");
    assertThat(delivery.samples()).containsExactly(rate("vm", 10, 10));
    KIT.stop(stage);
  }

  @Test
  void aRateSpansARestart() {
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 100));
    replies.expectMessage(Stored.INSTANCE);
    KIT.stop(stage);

    ActorRef<Command> next = start();
    hand(next, Samples.cpu("vm", 10, 150));

    assertThat(deliveries.next().succeed().samples()).containsExactly(rate("vm", 10, 5));
    replies.expectMessage(Stored.INSTANCE);
    KIT.stop(next);
  }

  @Test
  void whatWasNotKnownToBeDeliveredIsSentAgainAfterRecovery() {
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 100), Samples.cpu("vm", 10, 200));
    List<Sample> sent = deliveries.next().samples();
    KIT.stop(stage);
    assertThat(replies.receiveMessage()).isInstanceOf(Unavailable.class);

    ActorRef<Command> next = start();

    assertThat(deliveries.next().succeed().samples()).isEqualTo(sent);
    KIT.stop(next);
  }

  @Test
  void whatIsWrittenAsDeliveredIsNotSentAgain() {
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 100), Samples.cpu("vm", 10, 200));
    deliveries.next().succeed();
    replies.expectMessage(Stored.INSTANCE);
    hand(stage, Samples.cpu("vm", 20, 300));
    List<Sample> second = deliveries.next().samples();
    KIT.stop(stage);

    ActorRef<Command> next = start();

    assertThat(deliveries.next().succeed().samples()).isEqualTo(second);
    deliveries.assertNone();
    KIT.stop(next);
  }

  @Test
  void aRedeliveryEmitsNothingAndIsAnsweredWhenTheOutboxIsEmpty() {
    ActorRef<Command> stage = start();
    Sample[] samples = {Samples.cpu("vm", 0, 100), Samples.cpu("vm", 10, 200)};
    hand(stage, samples);
    Delivery delivery = deliveries.next();
    hand(stage, samples);
    replies.expectNoMessage(Duration.ofMillis(50));
    delivery.succeed();

    replies.expectMessage(Stored.INSTANCE);
    replies.expectMessage(Stored.INSTANCE);
    hand(stage, samples);
    replies.expectMessage(Stored.INSTANCE);
    deliveries.assertNone();
    assertThat(JOURNAL.persistedInStorage(PERSISTENCE_ID)).hasSize(1);
    KIT.stop(stage);
  }

  @Test
  void aFailedDeliveryIsTriedAgain() {
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 100), Samples.cpu("vm", 10, 200));
    List<Sample> sent = deliveries.next().fail().samples();
    assertThat(deliveries.next().fail().samples()).isEqualTo(sent);
    assertThat(deliveries.next().succeed().samples()).isEqualTo(sent);

    replies.expectMessage(Stored.INSTANCE);
    KIT.stop(stage);
  }

  @Test
  void afterAFailedWriteTheStateIsThatOfTheJournal() {
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 100));
    replies.expectMessage(Stored.INSTANCE);
    JOURNAL.failNextPersisted(PERSISTENCE_ID);

    hand(stage, Samples.cpu("vm", 10, 500));
    assertThat(replies.receiveMessage()).isInstanceOf(Unavailable.class);
    hand(stage, Samples.cpu("vm", 20, 300));

    assertThat(deliveries.next().succeed().samples()).containsExactly(rate("vm", 20, 10));
    replies.expectMessage(Stored.INSTANCE);
    assertThat(JOURNAL.persistedInStorage(PERSISTENCE_ID)).hasSize(2);
    KIT.stop(stage);
  }

  @Test
  void afterAFailedFirstWriteNothingIsRemembered() {
    ActorRef<Command> stage = start();
    JOURNAL.failNextPersisted(PERSISTENCE_ID);

    hand(stage, Samples.cpu("vm", 0, 500), Samples.cpu("vm", 5, 600));
    assertThat(replies.receiveMessage()).isInstanceOf(Unavailable.class);
    hand(stage, Samples.cpu("vm", 10, 100));
    replies.expectMessage(Stored.INSTANCE);

    deliveries.assertNone();
    assertThat(StageState.EMPTY.all()).isEmpty();
    KIT.stop(stage);
  }

  @Test
  void recoversFromASnapshotAlone() {
    ActorRef<Command> stage = start();
    for (int second = 1; second <= 200; second++) {
      hand(stage, Samples.cpu("vm", second, second * 2.0));
      if (second > 1) {
        deliveries.next().succeed();
      }
      replies.expectMessage(Stored.INSTANCE);
    }
    SNAPSHOTS.expectNextPersistedClass(PERSISTENCE_ID, StageSnapshot.class);
    KIT.stop(stage);
    JOURNAL.clearByPersistenceId(PERSISTENCE_ID);

    ActorRef<Command> next = start();
    // Delivered, but no later event said so.
    assertThat(deliveries.next().succeed().samples()).containsExactly(rate("vm", 200, 2));
    hand(next, Samples.cpu("vm", 300, 500));

    assertThat(deliveries.next().succeed().samples()).containsExactly(rate("vm", 300, 1));
    replies.expectMessage(Stored.INSTANCE);
    KIT.stop(next);
  }

  @Test
  void whatArrivesDuringADeliveryGoesWithTheNext() {
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 0), Samples.cpu("vm", 10, 10));
    Delivery first = deliveries.next();
    hand(stage, Samples.cpu("vm", 20, 20));
    JOURNAL.expectNextPersistedClass(PERSISTENCE_ID, Advanced.class);
    JOURNAL.expectNextPersistedClass(PERSISTENCE_ID, Advanced.class);
    hand(stage, Samples.cpu("vm", 30, 30));
    JOURNAL.expectNextPersistedClass(PERSISTENCE_ID, Advanced.class);
    first.succeed();

    assertThat(deliveries.next().succeed().samples())
        .containsExactly(rate("vm", 20, 1), rate("vm", 30, 1));
    for (int i = 0; i < 3; i++) {
      replies.expectMessage(Stored.INSTANCE);
    }
    KIT.stop(stage);
  }

  @Test
  void refusesAtOnceWhenTooManyWait() {
    ActorRef<Command> stage = start();
    Sample[] samples = {Samples.cpu("vm", 0, 100), Samples.cpu("vm", 10, 200)};
    for (int i = 0; i < 201; i++) {
      hand(stage, samples);
    }

    assertThat(replies.receiveMessage()).isInstanceOf(Unavailable.class);
    deliveries.next().succeed();
    for (int i = 0; i < 200; i++) {
      replies.expectMessage(Stored.INSTANCE);
    }
    KIT.stop(stage);
  }

  @Test
  void aTransformerThatThrowsLosesThatSampleOnly() {
    Transformer picky =
        (input, memory, now) -> {
          if (input.volume() < 0) {
            throw new IllegalStateException("negative");
          }
          return Outcome.of(input);
        };
    SinkDefinition sink =
        new SinkDefinition(
            "cpu-rate",
            List.of(new TransformerDefinition("picky", Map.of(), picky)),
            List.of("collector://"));
    ActorRef<Command> stage = start(sink);

    hand(stage, Samples.cpu("vm", 0, -1), Samples.cpu("vm", 1, 1));

    assertThat(deliveries.next().succeed().samples()).containsExactly(Samples.cpu("vm", 1, 1));
    replies.expectMessage(Stored.INSTANCE);
    KIT.stop(stage);
  }

  @Test
  void cutsALargeGroupIntoEventsBelowTheLimit() {
    ActorRef<Command> stage = start();
    String pad = "x".repeat(200);
    hand(stage, samples(pad, 0));
    replies.expectMessage(Stored.INSTANCE);
    hand(stage, samples(pad, 10));
    deliveries.next().succeed();
    replies.expectMessage(Stored.INSTANCE);

    List<Object> events = JOURNAL.persistedInStorage(PERSISTENCE_ID);
    assertThat(events).hasSizeGreaterThan(4);
    int expected = 1;
    for (Object event : events) {
      assertThat(((Advanced) event).number()).isEqualTo(expected++);
      assertThat(SerializationExtension.get(KIT.system()).serialize(event).get())
          .hasSizeLessThan(256_000);
    }
    KIT.stop(stage);
  }

  @Test
  void aWindowEndsByTheClockThoughNothingComes() {
    ActorRef<Command> stage = start(windows("mean", 3600));
    hand(stage, gauge("vm", 0, 10), gauge("vm", 1, 30));
    replies.expectMessage(Stored.INSTANCE);
    deliveries.assertNone();

    clock.advance(Duration.ofHours(1));
    KIT.stop(stage);
    ActorRef<Command> next = start(windows("mean", 3600));

    assertThat(deliveries.next().succeed().samples())
        .singleElement()
        .satisfies(
            sample -> {
              assertThat(sample.series().meter()).isEqualTo("mean");
              assertThat(sample.volume()).isEqualTo(20);
            });
    hand(next, gauge("vm", 1, 30));
    replies.expectMessage(Stored.INSTANCE);
    clock.advance(Duration.ofHours(1));
    hand(next, gauge("other", 2, 7));
    replies.expectMessage(Stored.INSTANCE);
    deliveries.assertNone();
    KIT.stop(next);
  }

  @Test
  void aShortWindowEndsByItself() {
    clock.follow();
    ActorRef<Command> stage = start(windows("mean", 1));
    hand(stage, gauge("vm", 0, 10), gauge("vm", 1, 30));
    replies.expectMessage(Stored.INSTANCE);

    assertThat(deliveries.next().succeed().samples()).hasSize(1);
    KIT.stop(stage);
  }

  @Test
  void aNewDefinitionFirstGivesWhatTheFormerOneHolds() {
    ActorRef<Command> stage = start(windows("mean", 3600));
    hand(stage, gauge("vm", 0, 10), gauge("vm", 1, 30));
    replies.expectMessage(Stored.INSTANCE);

    pipelines = Samples.pipelines(1, windows("other", 3600));
    stage.tell(PipelineStage.Wake.INSTANCE);

    Delivery delivery = deliveries.next().succeed();
    assertThat(delivery.samples())
        .singleElement()
        .satisfies(sample -> assertThat(sample.series().meter()).isEqualTo("mean"));
    hand(stage, gauge("vm", 1, 30), gauge("vm", 2, 50));
    replies.expectMessage(Stored.INSTANCE);
    // The sink is taken away while the node is down.
    KIT.stop(stage);
    ActorRef<Command> next = start(Samples.rateSink("another"));
    assertThat(deliveries.next().succeed().samples())
        .singleElement()
        .satisfies(
            sample -> {
              assertThat(sample.series().meter()).isEqualTo("other");
              assertThat(sample.volume()).as("what was known already is known").isEqualTo(50);
            });
    hand(next, gauge("vm", 3, 1));
    assertThat(replies.receiveMessage()).isInstanceOf(Unavailable.class);
    KIT.stop(next);
  }

  @Test
  void aRateOutlivesAChangeOfItsParametersAndOfItsSuccessors() {
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 100));
    replies.expectMessage(Stored.INSTANCE);

    pipelines =
        Samples.pipelines(
            1,
            Samples.sink(
                "cpu-rate",
                """
                [{ name = rate_of_change, parameters { target { scale = 2 } } }
                 { name = delta, parameters {} }]
                """));
    hand(stage, Samples.cpu("vm", 10, 200), Samples.cpu("vm", 20, 400));

    assertThat(deliveries.next().succeed().samples())
        .singleElement()
        .satisfies(sample -> assertThat(sample.volume()).isEqualTo(20));
    replies.expectMessage(Stored.INSTANCE);
    KIT.stop(stage);
  }

  @Test
  void anIdleSeriesIsForgottenAndItsNextRateSpansTheGap() {
    idleAfter = Duration.ofSeconds(1);
    ActorRef<Command> stage = start();
    hand(stage, Samples.cpu("vm", 0, 100), Samples.cpu("vm2", 0, 100));
    replies.expectMessage(Stored.INSTANCE);
    clock.advance(Duration.ofHours(1));
    awaitForgotten(2);
    KIT.stop(stage);

    ActorRef<Command> next = start();
    remains.failNext();
    hand(next, Samples.cpu("vm", 20, 300));
    assertThat(replies.receiveMessage()).isInstanceOf(Unavailable.class);
    hand(next, Samples.cpu("vm", 20, 300), Samples.cpu("new", 20, 1));
    hand(next, Samples.cpu("vm", 30, 600));
    Delivery delivery = deliveries.next().succeed();
    List<Sample> made = new ArrayList<>(delivery.samples());
    if (made.size() < 2) {
      made.addAll(deliveries.next().succeed().samples());
    }
    assertThat(made).containsExactly(rate("vm", 20, 10), rate("vm", 30, 30));
    KIT.stop(next);
  }

  @Test
  void whatIsKnownOfASeriesTakesNoSpaceInLaterEvents() {
    ActorRef<Command> stage = start();
    for (int i = 0; i < 3; i++) {
      hand(stage, Samples.cpu("a-resource-with-a-name-to-be-seen", i * 10L, i * 100.0));
      if (i > 0) {
        deliveries.next().succeed();
      }
      replies.expectMessage(Stored.INSTANCE);
    }
    List<Object> events = JOURNAL.persistedInStorage(PERSISTENCE_ID);
    assertThat(((Advanced) events.get(0)).changes().get(0).key()).isNotNull();
    assertThat(((Advanced) events.get(1)).changes().get(0).key()).isNull();
    assertThat(((Advanced) events.get(2)).changes().get(0).key()).isNull();
    KIT.stop(stage);
  }

  /** They are kept elsewhere first, so what the journal says is the last that happens. */
  private static void awaitForgotten(int series) {
    Wait.until(
        Duration.ofSeconds(10),
        series + " series forgotten",
        () ->
            JOURNAL.persistedInStorage(PERSISTENCE_ID).stream()
                    .map(Advanced.class::cast)
                    .filter(Advanced::isEviction)
                    .mapToInt(event -> event.changes().size())
                    .sum()
                == series);
  }

  private static SinkDefinition windows(String name, int seconds) {
    return Samples.sink(
        "cpu-rate",
        "[{ name = aggregator, parameters { retention_time = %d, target { name = %s } } }]"
            .formatted(seconds, name));
  }

  private static Sample gauge(String resource, long second, double volume) {
    return Samples.sample(Samples.series("load", MeterType.GAUGE, "", resource), second, volume);
  }

  private static Sample[] samples(String pad, long second) {
    Sample[] samples = new Sample[1000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = Samples.cpu(pad + i, second, i);
    }
    return samples;
  }

  private ActorRef<Command> start() {
    return start(Samples.rateSink("cpu-rate"));
  }

  private ActorRef<Command> start(SinkDefinition sink) {
    pipelines = Samples.pipelines(1, idleAfter, sink);
    return KIT.spawn(
        PipelineStage.create(
            ID, new StageSettings(() -> pipelines, deliveries::deliver, remains, clock)));
  }

  private void hand(ActorRef<Command> stage, Sample... samples) {
    stage.tell(new Batch(Samples.batch(samples), replies.ref()));
  }

  private static Sample rate(String resource, long second, double volume) {
    return Samples.sample(
        Samples.series("cpu.rate", MeterType.GAUGE, "ns/s", resource), second, volume);
  }
}
