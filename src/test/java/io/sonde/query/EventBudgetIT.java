package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.EventFilter;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore;
import io.sonde.store.Migrations;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions about events end in time, in the database too. */
class EventBudgetIT {
  private static final String WAITING =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";

  @TempDir static Path folder;

  @Test
  void aQuestionThatTakesTooLongOrWhoseAskerIsGoneEndsInTheDatabase() throws Exception {
    ExecutorService blocking = Executors.newFixedThreadPool(4);
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      DatabaseSettings settings = postgres.newDatabase();
      Migrations.run(settings);
      try (Database database = Database.open(settings);
          Connection other = TestPostgres.connect(settings)) {
        EventService service =
            new EventService(
                new EventStore(database),
                EventRetention.from(
                    ConfigFactory.parseString("events.keep = null"), Clock.systemUTC()),
                blocking);
        EventFilter ofType = EventFilter.ALL.withEventType("t");
        other.setAutoCommit(false);
        try (Statement lock = other.createStatement()) {
          lock.execute("LOCK TABLE event");
        }
        EventService hasty = service.within(Duration.ofSeconds(1));
        AtomicBoolean isGone = new AtomicBoolean();
        EventService gone = service.until(isGone::get);
        CompletionStage<?> late = hasty.find(ofType, null, 10);
        List<CompletionStage<?>> left =
            List.of(
                gone.types(EventFilter.ALL, null, 10),
                gone.traits(ofType, null, 10),
                gone.values(ofType, "x", null, 10));
        Wait.until(
            Duration.ofSeconds(20),
            "all to wait for the lock",
            () -> TestPostgres.number(settings, WAITING) >= 3);

        isGone.set(true);

        for (CompletionStage<?> one : left) {
          assertThat(failure(one)).hasRootCauseInstanceOf(CancellationException.class);
        }
        assertThat(failure(late))
            .hasRootCauseInstanceOf(TooLargeException.class)
            .hasMessageEndingWith(
                "The question takes longer than 1 seconds: ask for a shorter time than all there is"
                    + " or fewer answers by a limit.");
        assertThat(TestPostgres.number(settings, WAITING)).isZero();
        other.rollback();
        assertThat(hasty.find(ofType, null, 10).toCompletableFuture().get(20, TimeUnit.SECONDS))
            .as("the connections are as good as before")
            .isEmpty();
      }
    } finally {
      blocking.shutdown();
    }
  }

  private static Throwable failure(CompletionStage<?> stage) throws Exception {
    return stage
        .handle((found, failure) -> failure)
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }
}
