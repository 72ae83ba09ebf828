package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.store.DataDirectory;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A PostgreSQL of one's own goes away for a while, with a word or without, and comes back: the
 * server says so meanwhile, goes on by itself afterwards, and has all that it acknowledged. Only
 * with {@code bin/faults}.
 */
@Tag("faults")
@Timeout(300)
class DatabaseAwayIT {
  /** Longer than the journal waits for a write: those that come late after all count once, too. */
  private static final Duration AWAY = Duration.ofSeconds(60);

  private static final Duration GOES_ON = Duration.ofSeconds(10);
  private static final Duration PROGRESS = Duration.ofSeconds(30);
  private static final long SEED = Long.getLong("seed", 1);

  @RegisterExtension static final SondeProcesses SONDES = new SondeProcesses();

  private static final Relay RELAY = new Relay();
  private static final Thread WHEN_TESTS_END =
      new Thread(DatabaseAwayIT::endPostgres, "end-postgres");

  /** Of both tests: what the first one pushed must be there after the second, too. */
  private static final History HISTORY = new History();

  private static DataDirectory directory;
  private static EmbeddedPostgres postgres;
  private static SondeProcess server;

  private final HttpJson http = new HttpJson();

  @BeforeAll
  static void startServer() {
    Runtime.getRuntime().addShutdownHook(WHEN_TESTS_END);
    directory = DataDirectory.open(folder());
    postgres = EmbeddedPostgres.start(directory);
    RELAY.open(URI.create(postgres.url().substring("jdbc:".length())).getPort());
    String url = "jdbc:postgresql://127.0.0.1:" + RELAY.port() + "/sonde";
    server =
        SONDES
            .server(
                "node",
                "--set",
                "sonde.http.port=0",
                "--set",
                "sonde.polling.sources=[]",
                // Flushes and looks into chunk rows meet the failure, too.
                "--set",
                "sonde.collector.flush-interval=2s",
                // So that a request that hangs is answered while the database is away.
                "--set",
                "sonde.http.request-timeout=6s",
                "--set",
                "sonde.database.url=\"" + url + "\"",
                "--set",
                "sonde.database.user=\"" + postgres.user() + "\"",
                "--set",
                "sonde.database.password=\"" + postgres.password() + "\"")
            .start();
  }

  @AfterAll
  static void stopServer() {
    // The server first: a database that vanishes under it would fill its log.
    SONDES.endServers();
    RELAY.close();
    postgres.stop();
    directory.close();
    Runtime.getRuntime().removeShutdownHook(WHEN_TESTS_END);
  }

  @Test
  void aDatabaseThatIsStartedAgainIsFoundAgain() throws SQLException {
    goAwayAndComeBack(
        "PostgreSQL away for ",
        () -> {
          RELAY.close();
          postgres.stop();
        },
        () -> {
          postgres = EmbeddedPostgres.start(directory);
          RELAY.open(URI.create(postgres.url().substring("jdbc:".length())).getPort());
        });
  }

  @Test
  void aDatabaseThatFallsSilentIsNotWaitedForAndGoesOn() throws SQLException {
    goAwayAndComeBack("PostgreSQL silent for ", () -> signal("STOP"), () -> signal("CONT"));
  }

  private void goAwayAndComeBack(String fault, Runnable goAway, Runnable comeBack)
      throws SQLException {
    try (FaultRun run = new FaultRun(fault + AWAY.toSeconds() + " s", HISTORY, SEED);
        Pushing pushing = new Pushing(HISTORY, SEED, 2)) {
      pushing.to(server.base());
      pushing.start();
      pushing.awaitAcknowledged(1_000, PROGRESS);

      // Connections that were of use a moment ago are not looked at before they are used again.
      Thread questions = new Thread(this::askUntilRefused, "questions");
      questions.setDaemon(true);
      questions.start();
      Wait.reached(Duration.ofMillis(700), () -> false);

      goAway.run();
      long gone = System.nanoTime();
      try {
        int refused = pushing.refusedCount();
        Wait.until(AWAY, "readiness 503", () -> readiness().statusCode() == 503);
        System.out.println("  not ready after " + millisSince(gone) + " ms: " + why());
        Wait.until(AWAY, "pushes answered 503", () -> pushing.refusedCount() > refused);
        System.out.println("  pushes refused after " + millisSince(gone) + " ms");
        assertThat(http.answer(server.base(), "health/live").statusCode()).isEqualTo(200);
        Duration left = AWAY.minusMillis(millisSince(gone));
        Wait.reached(left, () -> readiness().statusCode() == 200);
        assertThat(readiness().statusCode()).isEqualTo(503);
      } finally {
        comeBack.run();
      }

      long back = System.nanoTime();
      // Enough numbers to touch all collectors: those refused come first.
      pushing.awaitAcknowledged(5_000, GOES_ON);
      System.out.println("  pushes succeed after " + millisSince(back) + " ms");
      Wait.until(
          GOES_ON.minusMillis(millisSince(back)),
          "readiness 200",
          () -> readiness().statusCode() == 200);
      System.out.println("  ready after " + millisSince(back) + " ms");
      pushing.finish(GOES_ON);
      System.out.println("DatabaseAwayIT: " + pushing);
      assertThat(pushing.complaints()).as("answers").isEmpty();
      assertThat(pushing.brokenCount()).as("requests without an answer").isZero();
      run.compare(server.base(), new StoredRows(settings()));
      run.passed();
    }
  }

  private void askUntilRefused() {
    HttpJson ownConnection = new HttpJson();
    while (ownConnection.answer(server.base(), "v2/meters?limit=1").statusCode() == 200) {
      Wait.reached(Duration.ofMillis(5), () -> false);
    }
  }

  private HttpResponse<String> readiness() {
    return http.answer(server.base(), "health/ready");
  }

  private String why() {
    return readiness().body().strip();
  }

  private static void signal(String name) {
    Signals.send(name, LeftPostgres.family(ProcessHandle.of(postgres.pid()).orElseThrow()));
  }

  private static DatabaseSettings settings() {
    return new DatabaseSettings(
        postgres.url(), postgres.user(), postgres.password(), 2, Duration.ofSeconds(5));
  }

  /** However far the start came. */
  private static void endPostgres() {
    if (postgres != null) {
      postgres.stop();
    }
    LeftPostgres.end(folder());
  }

  private static Path folder() {
    return SONDES.directory().resolve("shared");
  }

  private static long millisSince(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }
}
