package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The server is stopped in the middle of its work, longer than the journal waits for a write, and
 * goes on as if nothing had been: all its timers are due at once then, and clients have given up on
 * it. Only with {@code bin/faults}.
 */
@Tag("faults")
class PauseFaultIT {
  private static final Duration PAUSE = Duration.ofSeconds(30);
  private static final Duration GOES_ON = Duration.ofSeconds(10);
  private static final Duration PROGRESS = Duration.ofSeconds(60);
  private static final int ENOUGH = 5_000;
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final History history = new History();

  @Test
  @Timeout(600)
  void aPauseLosesNothingAndDoublesNothing() throws Exception {
    System.out.println("PauseFaultIT: seed " + SEED);
    SondeProcess server =
        sondes
            .server(
                "data",
                "--set",
                "sonde.http.port=0",
                "--set",
                "sonde.polling.sources=[]",
                "--set",
                "sonde.collector.flush-interval=2s")
            .start();
    String fault = "server stopped for " + PAUSE.toSeconds() + " s";
    try (FaultRun run = new FaultRun(fault, history, SEED);
        Pushing pushing = new Pushing(history, SEED, 4)) {
      pushing.to(server.base());
      pushing.start();
      pushing.awaitAcknowledged(ENOUGH + new Random(SEED).nextInt(ENOUGH), PROGRESS);
      Wait.until(PROGRESS, "a request in flight", () -> pushing.inFlight() > 0);

      server.signal("STOP");
      int before = history.acknowledgedCount();
      Wait.reached(PAUSE, () -> false);
      // What was on its way to the clients when it stopped, and no more.
      assertThat(history.acknowledgedCount()).isLessThan(before + ENOUGH);
      server.signal("CONT");

      long begin = System.nanoTime();
      pushing.awaitAcknowledged(ENOUGH, GOES_ON);
      System.out.println("  goes on after " + (System.nanoTime() - begin) / 1_000_000 + " ms");
      pushing.finish(PROGRESS);
      System.out.println("PauseFaultIT: " + pushing);

      run.compare(server.base(), server.rows());
      assertThat(pushing.complaints()).as("answers").isEmpty();
      run.passed();
    }
  }
}
