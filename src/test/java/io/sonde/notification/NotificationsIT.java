package io.sonde.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.collector.Retention;
import io.sonde.definition.Definitions;
import io.sonde.definition.NotificationException;
import io.sonde.model.Event;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import io.sonde.notification.Notifications.Message;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.DeadLetterStore;
import io.sonde.store.DeadLetterStore.Letter;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore.Routed;
import io.sonde.store.Migrations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of messages, with dead letters in a real PostgreSQL. */
class NotificationsIT {
  private static final Config SONDE =
      ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde");
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private static DatabaseSettings settings;
  private static Database database;

  private final ConcurrentLinkedQueue<String> stored = new ConcurrentLinkedQueue<>();
  private final AtomicInteger deliveries = new AtomicInteger();
  private final DeadLetterStore dead = new DeadLetterStore(database);
  // Whether an event fails; by default none does.
  private volatile Predicate<Event> fails = event -> false;
  private Notifications notifications = notifications(Duration.ofMillis(500), database);

  @BeforeAll
  static void start() throws Exception {
    postgres = TestPostgres.start(folder);
    settings = postgres.newDatabase();
    Migrations.run(settings);
    database = Database.open(settings);
  }

  @AfterAll
  static void stop() {
    database.close();
    postgres.close();
  }

  @BeforeEach
  void empty() throws Exception {
    TestPostgres.execute(settings, "TRUNCATE dead_notification");
  }

  @Test
  void whatCannotBeReadIsADeadLetterAndHoldsNobodyUp() throws Exception {
    List<Message> messages =
        List.of(
            message("a"),
            new Message("no JSON \u0000".getBytes(StandardCharsets.UTF_8), "nova/q"),
            new Message(new byte[] {(byte) 0xff, 0}, "nova/q"),
            new Message(
                "{\"message_id\":\"x\",\"event_type\":\"t\"}".getBytes(StandardCharsets.UTF_8),
                "q"),
            message("b"));
    notifications.take(messages);
    assertThat(stored).containsExactly("a", "b");
    List<Letter> letters = dead.after(0, 10);
    assertThat(letters).hasSize(3);
    assertThat(letters.get(0).origin()).isEqualTo("nova/q");
    assertThat(letters.get(0).reason()).startsWith("not JSON: ");
    assertThat(letters.get(2).reason()).startsWith("payload: missing, expected ");
    assertThat(new String(letters.get(2).body(), StandardCharsets.UTF_8))
        .contains("\"message_id\":\"x\"")
        .doesNotContain("sesame");
    assertThat(letters).allMatch(letter -> letter.attempts() == 1);

    notifications.take(messages);
    assertThat(dead.after(0, 10))
        .as("the same messages")
        .hasSize(3)
        .allMatch(letter -> letter.attempts() == 2);
  }

  @Test
  void whatFailsForAWhileComesThrough() throws Exception {
    fails = event -> deliveries.incrementAndGet() <= 3;
    notifications.take(List.of(message("a"), message("b")));
    assertThat(stored).containsExactly("a", "b");
    assertThat(dead.after(0, 10)).isEmpty();
  }

  @Test
  void whatFailsAgainAndAgainIsGivenUpAloneAndCanBeTriedAgain() throws Exception {
    fails = event -> event.messageId().equals("bad");
    notifications.take(List.of(message("a"), message("bad"), message("b")));
    assertThat(stored).containsExactlyInAnyOrder("a", "b");
    Letter letter = dead.after(0, 10).get(0);
    assertThat(letter.messageId()).isEqualTo("bad");
    assertThat(letter.eventType()).isEqualTo("compute.instance.update");
    assertThat(letter.reason()).contains("refused by the test");
    assertThat(letter.attempts()).isEqualTo(5);

    assertThatThrownBy(() -> notifications.retry(letter).toCompletableFuture().join())
        .isInstanceOf(CompletionException.class);
    assertThat(dead.find(letter.id()))
        .hasValueSatisfying(one -> assertThat(one.attempts()).isEqualTo(6));
    fails = event -> false;
    assertThat(notifications.retry(letter).toCompletableFuture().join().accepted()).isEqualTo(1);
    assertThat(stored).contains("bad");
    assertThat(dead.find(letter.id())).isEmpty();
  }

  @Test
  void nothingIsGivenUpWhileTheDatabaseIsAway() throws Exception {
    Database closed = Database.open(settings);
    closed.close();
    notifications = notifications(Duration.ZERO, closed);
    fails = event -> deliveries.incrementAndGet() <= 7;
    notifications.take(List.of(message("a")));
    assertThat(stored).containsExactly("a");

    Thread taking =
        new Thread(
            () -> {
              try {
                notifications.take(List.of(new Message(new byte[] {'x'}, "q")));
                stored.add("unexpected");
              } catch (InterruptedException e) {
                stored.add("interrupted");
              }
            });
    taking.start();
    Wait.until(SOON, "sleeping", () -> taking.getState() == Thread.State.TIMED_WAITING);
    taking.interrupt();
    taking.join();
    assertThat(stored).containsExactly("a", "interrupted");
  }

  @Test
  void whatStaysUnreadableStaysADeadLetter() throws Exception {
    notifications.take(List.of(new Message(new byte[] {'x'}, "q")));
    Letter letter = dead.after(0, 1).get(0);
    assertThatThrownBy(() -> notifications.retry(letter).toCompletableFuture().join())
        .hasCauseInstanceOf(NotificationException.class);
    assertThat(dead.find(letter.id()))
        .hasValueSatisfying(one -> assertThat(one.attempts()).isEqualTo(2));
    assertThat(notifications.forget(letter.id()).toCompletableFuture().join()).isTrue();
    assertThat(notifications.forget(letter.id()).toCompletableFuture().join()).isFalse();
  }

  @Test
  void aRetryOfWhichNobodyKnowsTheEndIsNoWordOnTheLetter() throws Exception {
    Database closed = Database.open(settings);
    closed.close();
    notifications = notifications(Duration.ZERO, closed);
    for (byte[] body : List.of(message("a").body(), new byte[] {'x'})) {
      Letter letter = new Letter(1, "q", null, null, "why", 1, Instant.EPOCH, Instant.EPOCH, body);
      assertThatThrownBy(() -> notifications.retry(letter).toCompletableFuture().join())
          .hasCauseInstanceOf(UnavailableException.class);
    }
    assertThat(stored).containsExactly("a");
  }

  @Test
  void oldDeadLettersAreDropped() throws Exception {
    notifications.take(
        List.of(new Message(new byte[] {'x'}, "q"), new Message(new byte[] {'y'}, "q")));
    TestPostgres.execute(
        settings,
        "UPDATE dead_notification SET parked = now() - interval '31 days' WHERE body = 'x'");
    notifications.dropOld();
    assertThat(dead.after(0, 10)).hasSize(1);
  }

  private static Message message(String id) {
    String body =
        """
        {"message_id": "%s", "event_type": "compute.instance.update", "publisher_id": "compute.h",
         "priority": "INFO", "timestamp": "%s", "payload": {}}
        """
            .formatted(id, Instant.now());
    return new Message(body.getBytes(StandardCharsets.UTF_8), "nova/notifications.info");
  }

  private Notifications notifications(Duration patience, Database forDead) {
    PipelineSettings pipelines = PipelineSettings.from(SONDE);
    NotificationSettings bounds =
        new NotificationSettings(
            1_000, Duration.ofMinutes(10), patience, Duration.ofDays(30), List.of());
    NotificationAgent samples =
        new NotificationAgent(
            bounds,
            Retention.from(SONDE, Clock.systemUTC()),
            pipelines,
            (sink, batch) -> deliver(batch),
            (sink, batch) -> deliver(batch),
            Clock.systemUTC());
    EventAgent events =
        new EventAgent(
            EventRetention.from(SONDE, Clock.systemUTC()), pipelines, this::deliverEvents);
    return new Notifications(
        bounds,
        Definitions.from(SONDE.getConfig("definitions")),
        samples,
        events,
        new DeadLetterStore(forDead),
        Runnable::run,
        Clock.systemUTC());
  }

  private CompletionStage<Receipt> deliver(SampleBatch batch) {
    return CompletableFuture.completedFuture(new Receipt(batch.size(), 0, 0));
  }

  private CompletionStage<Receipt> deliverEvents(List<Routed> events) {
    if (events.stream().map(Routed::event).anyMatch(fails)) {
      return CompletableFuture.failedFuture(new IllegalStateException("refused by the test"));
    }
    events.forEach(one -> stored.add(one.event().messageId()));
    return CompletableFuture.completedFuture(new Receipt(events.size(), 0, 0));
  }
}
