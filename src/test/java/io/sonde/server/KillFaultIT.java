package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.StoredSamples.Totals;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Kills the server at random moments while clients push, and demands that nothing acknowledged is
 * lost and nothing counts twice. {@code -Dsonde.faults.kills=N} sets how often, {@code -Dseed=S}
 * replays the same choices.
 */
class KillFaultIT {
  private static final int CONNECTIONS = 4;
  private static final int KILLS = Integer.getInteger("sonde.faults.kills", 5);
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  /** In a life of the server, at most this many samples are acknowledged before it is killed. */
  private static final int LONGEST_LIFE = 25_000;

  private static final Duration PROGRESS = Duration.ofSeconds(60);

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final Random random = new Random(SEED);
  private final History history = new History();

  @Test
  @Timeout(3600)
  void nothingIsLostAndNothingCountsTwice() {
    System.out.println("KillFaultIT: " + KILLS + " kills, seed " + SEED);
    String[] options = {"--set", "sonde.http.port=0", "--set", "sonde.polling.sources=[]"};
    SondeProcess server = sondes.server("data", options).start();
    try (Pushing pushing = new Pushing(history, SEED, CONNECTIONS)) {
      pushing.to(server.base());
      pushing.start();
      for (int kill = 1; kill <= KILLS; kill++) {
        kill(kill, server, pushing);
        history.nextRound();
        long begin = System.nanoTime();
        server.start();
        long millis = (System.nanoTime() - begin) / 1_000_000;
        System.out.println("  ready again after " + millis + " ms");
        pushing.to(server.base());
      }
      awaitAcknowledged(history.acknowledgedCount() + 2_000, pushing);
      pushing.finish(PROGRESS);
      System.out.println("KillFaultIT: " + pushing);
      Map<String, Totals> totals = compare(server, pushing);
      assertThat(pushing.complaints()).as("answers").isEmpty();

      // A clean stop and a start must change nothing either.
      assertThat(server.terminate()).as("exit code after SIGTERM").isIn(0, 143);
      assertThat(server.postgresRuns()).as("PostgreSQL after a clean stop").isFalse();
      server.start();
      assertThat(new StoredSamples(server.base()).statistics()).isEqualTo(totals);
    }
    System.out.println("KillFaultIT: no loss, no double, no change, seed " + SEED);
  }

  private void kill(int kill, SondeProcess server, Pushing pushing) {
    int life = 1 + random.nextInt(LONGEST_LIFE);
    // A container or a machine that ends takes PostgreSQL along.
    boolean withPostgres = random.nextInt(3) == 0;
    int microseconds = random.nextInt(20_000);
    awaitAcknowledged(history.acknowledgedCount() + life, pushing);
    Wait.reached(Duration.ofNanos(microseconds * 1_000L), () -> false);
    Wait.until(PROGRESS, "a request in flight", () -> pushing.inFlight() > 0);
    int inFlight = pushing.inFlight();
    if (withPostgres) {
      server.kill9WithPostgres();
    } else {
      server.kill9();
    }
    System.out.println(
        ("  kill " + kill + (withPostgres ? ", PostgreSQL too" : ""))
            + (", after " + history.acknowledgedCount() + " acknowledged samples, with ")
            + (inFlight + " requests in flight"));
  }

  private void awaitAcknowledged(int count, Pushing pushing) {
    Wait.until(
        PROGRESS,
        count + " acknowledged samples; " + pushing + "; " + pushing.complaints(),
        () -> history.acknowledgedCount() >= count);
  }

  private Map<String, Totals> compare(SondeProcess server, Pushing pushing) {
    HistoryCheck check = new HistoryCheck(history);
    StoredSamples stored = new StoredSamples(server.base());
    Map<String, Totals> listed = stored.list(check, history.sentCount());
    System.out.println("KillFaultIT: " + check.observedCount() + " samples are stored");
    assertThat(check.findings()).as("seed " + SEED).isEmpty();
    assertThat(stored.statistics()).as("statistics against the listing").isEqualTo(listed);
    // Each sample was told to be new at most once, over all answers that arrived.
    assertThat(pushing.acceptedCount()).isLessThanOrEqualTo(check.observedCount());
    return listed;
  }
}
