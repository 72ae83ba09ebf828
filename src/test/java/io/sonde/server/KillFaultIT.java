package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.StoredSamples.Totals;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Kills the server, its PostgreSQL or both at random moments while clients push, and demands that
 * nothing acknowledged is lost and nothing counts twice. {@code -Dsonde.faults.kills=N} sets how
 * often, {@code -Dseed=S} replays the same choices.
 */
class KillFaultIT {
  private static final int CONNECTIONS = 4;
  private static final int KILLS = Integer.getInteger("sonde.faults.kills", 3);
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  /** Between two kills, at most this many samples are acknowledged. */
  private static final int LONGEST_LIFE = 25_000;

  /** Enough numbers to touch all collectors: those that were refused come first. */
  private static final int OF_ALL_COLLECTORS = 5_000;

  private static final Duration PROGRESS = Duration.ofSeconds(60);

  /** In which the server goes on after its PostgreSQL takes connections again. */
  private static final Duration GOES_ON = Duration.ofSeconds(10);

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final Random random = new Random(SEED);
  private final History history = new History();

  /** What is killed; the first one comes first where there are few. */
  private enum Victim {
    /** The first process of PostgreSQL alone: the server goes on, and starts it again. */
    POSTMASTER,
    /** The JVM alone: the next one ends the PostgreSQL that is left. */
    SERVER,
    /** Both, as the end of a container or of the machine does. */
    BOTH
  }

  @Test
  @Timeout(7200)
  void nothingIsLostAndNothingCountsTwice() throws SQLException {
    System.out.println("KillFaultIT: " + KILLS + " kills, seed " + SEED);
    String[] options = {
      "--set", "sonde.http.port=0",
      "--set", "sonde.polling.sources=[]",
      // So that kills meet flushes, too.
      "--set", "sonde.collector.flush-interval=2s"
    };
    SondeProcess server = sondes.server("data", options).start();
    try (FaultRun run = new FaultRun("kills", history, SEED);
        Pushing pushing = new Pushing(history, SEED, CONNECTIONS)) {
      pushing.to(server.base());
      pushing.start();
      Map<Victim, Integer> killed = new EnumMap<>(Victim.class);
      for (Victim victim : victims()) {
        kill(victim, server, pushing);
        killed.merge(victim, 1, Integer::sum);
        run.faults("kills: " + killed.toString().toLowerCase(Locale.ROOT).replaceAll("[{}]", ""));
        history.nextRound();
        goOn(victim, server, pushing);
      }
      pushing.awaitAcknowledged(2_000, PROGRESS);
      pushing.finish(PROGRESS);
      System.out.println("KillFaultIT: " + pushing);
      Map<String, Totals> totals = run.compare(server.base(), server.rows());
      assertThat(pushing.complaints()).as("answers").isEmpty();
      // Each sample was told to be new at most once, over all answers that arrived.
      assertThat(pushing.acceptedCount())
          .isLessThanOrEqualTo(totals.values().stream().mapToLong(Totals::count).sum());

      // A clean stop and a start must change nothing either.
      assertThat(server.terminate()).as("exit code after SIGTERM").isIn(0, 143);
      assertThat(server.postgresRuns()).as("PostgreSQL after a clean stop").isFalse();
      server.start();
      assertThat(new StoredSamples(server.base()).statistics()).isEqualTo(totals);
      run.passed();
    }
    System.out.println("KillFaultIT: no loss, no double, no change, seed " + SEED);
  }

  /** All kinds equally often, in an order of their own. */
  private List<Victim> victims() {
    List<Victim> victims = new ArrayList<>();
    for (int i = 0; i < KILLS; i++) {
      victims.add(Victim.values()[i % Victim.values().length]);
    }
    Collections.shuffle(victims, random);
    return victims;
  }

  private void kill(Victim victim, SondeProcess server, Pushing pushing) {
    int life = 1 + random.nextInt(LONGEST_LIFE);
    int microseconds = random.nextInt(20_000);
    pushing.awaitAcknowledged(life, PROGRESS);
    Wait.reached(Duration.ofNanos(microseconds * 1_000L), () -> false);
    Wait.until(PROGRESS, "a request in flight", () -> pushing.inFlight() > 0);
    int inFlight = pushing.inFlight();
    switch (victim) {
      case POSTMASTER -> server.kill9Postmaster();
      case SERVER -> server.kill9();
      case BOTH -> server.kill9WithPostgres();
    }
    System.out.println(
        ("  killed: " + victim.name().toLowerCase(Locale.ROOT))
            + (", after " + history.acknowledgedCount() + " acknowledged samples, with ")
            + (inFlight + " requests in flight"));
  }

  private void goOn(Victim victim, SondeProcess server, Pushing pushing) {
    long begin = System.nanoTime();
    if (victim == Victim.POSTMASTER) {
      int broken = pushing.brokenCount();
      Wait.until(PROGRESS, "a PostgreSQL that runs again", server::isPostgresReady);
      System.out.println("  PostgreSQL takes connections after " + millisSince(begin) + " ms");
      long back = System.nanoTime();
      pushing.awaitAcknowledged(OF_ALL_COLLECTORS, GOES_ON);
      System.out.println("  the server goes on after another " + millisSince(back) + " ms");
      assertThat(server.isAlive()).as("the server outlives its PostgreSQL").isTrue();
      assertThat(pushing.brokenCount()).as("requests without an answer").isEqualTo(broken);
    } else {
      server.start();
      System.out.println("  ready again after " + millisSince(begin) + " ms");
      pushing.to(server.base());
    }
  }

  private static long millisSince(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }
}
