package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One of three nodes is stopped until the others have taken its work over, with requests in it, and
 * wakes up in the belief that it owns what it owned: it must commit nothing that the others do not
 * know, and join them again by itself. Takes minutes, hence only with {@code bin/faults}.
 */
@Tag("faults")
class PausedNodeClusterIT {
  private static final Duration PAUSE = Duration.ofSeconds(40);

  /** Failure detection, downing, hand-over and recovery together, with some room. */
  private static final Duration TAKE_OVER = Duration.ofSeconds(40);

  private static final Duration PROGRESS = Duration.ofSeconds(60);
  private static final int ENOUGH = 3_000;
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final History history = new History();

  @Test
  @Timeout(600)
  void aNodeThatWakesUpLateCommitsNothing() throws Exception {
    System.out.println("PausedNodeClusterIT: seed " + SEED);
    String fault = "a node of three stopped for " + PAUSE.toSeconds() + " s";
    try (FaultRun run = new FaultRun(fault, history, SEED);
        ThreeNodes all = ThreeNodes.start(sondes)) {
      List<SondeProcess> nodes = new ArrayList<>(all.nodes());
      Collections.shuffle(nodes, new Random(SEED));
      SondeProcess stays = nodes.get(0);
      SondeProcess sleeps = nodes.get(1);
      try (Pushing there = new Pushing(history, SEED, 2);
          Pushing here = new Pushing(history, SEED + 1, 2)) {
        there.to(sleeps.base());
        here.to(stays.base());
        there.start();
        here.start();
        here.awaitAcknowledged(ENOUGH, PROGRESS);
        Wait.until(PROGRESS, "requests in the node", () -> there.inFlight() > 0);

        sleeps.signal("STOP");
        long stopped = System.nanoTime();
        System.out.println("  " + sleeps + " is stopped");
        history.nextRound();
        // Both count into one history, but only one of them is served.
        here.awaitAcknowledged(ENOUGH, TAKE_OVER);
        System.out.println("  the others go on after " + millisSince(stopped) + " ms");
        Wait.reached(PAUSE.minusMillis(millisSince(stopped)), () -> false);
        sleeps.signal("CONT");
        long woken = System.nanoTime();
        history.nextRound();

        // Its clients stay with it, and send again all that they do not know the fate of.
        long accepted = there.acceptedCount();
        Wait.until(
            PROGRESS,
            ENOUGH + " samples that the node took after it woke up; " + there,
            () -> there.acceptedCount() >= accepted + ENOUGH);
        assertThat(sleeps.output())
            .as("what it did")
            .contains("giving up the place in the cluster");
        System.out.println("  " + sleeps + " serves again after " + millisSince(woken) + " ms");
        here.awaitAcknowledged(ENOUGH, PROGRESS);
        there.finish(PROGRESS);
        here.finish(PROGRESS);
        System.out.println("PausedNodeClusterIT: there " + there);
        System.out.println("PausedNodeClusterIT: here " + here);
        for (SondeProcess node : nodes) {
          run.compare(node.base(), all.rows());
        }
        assertThat(there.complaints()).as("answers").isEmpty();
        assertThat(here.complaints()).as("answers").isEmpty();
      }
      run.passed();
    }
  }

  private static long millisSince(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }
}
