package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.sonde.server.ClusterFaults.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Three nodes in a network of their own with one PostgreSQL, with traffic from all sides, for as
 * long as N faults take, of all {@linkplain Kind kinds}. Only with {@code bin/faults N SEED
 * ClusterFaultIT}, as root; {@code -Dsonde.faults.kinds=HALVES,KILL} takes some kinds only.
 */
@Tag("faults")
class ClusterFaultIT {
  private static final int FAULTS = Integer.getInteger("sonde.faults.kills", 20);
  private static final String KINDS = System.getProperty("sonde.faults.kinds", "");
  private static final Duration LONGEST = Duration.ofSeconds(40);
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final History history = new History();

  @Test
  @Timeout(36_000)
  void aClusterOutlivesWhatGoesWrong() throws Exception {
    System.out.println("ClusterFaultIT: " + FAULTS + " faults, seed " + SEED);
    try (FaultRun run = new FaultRun("three nodes in a network", history, SEED)) {
      Optional<String> refusal = TestNetwork.refusal();
      if (refusal.isPresent()) {
        run.notRun(refusal.get());
        abort("not run: " + refusal.get());
      }
      strike(sondes, run, history, SEED, kinds(), LONGEST);
    }
  }

  /** All kinds equally often, in an order of their own. */
  private static List<Kind> kinds() {
    List<Kind> some =
        KINDS.isEmpty()
            ? Arrays.asList(Kind.values())
            : Stream.of(KINDS.split(",")).map(Kind::valueOf).toList();
    List<Kind> all = new ArrayList<>();
    for (int i = 0; i < FAULTS; i++) {
      all.add(some.get(i % some.size()));
    }
    Collections.shuffle(all, new Random(SEED));
    return all;
  }

  /** Does these things, one after the other, to one cluster. */
  static void strike(
      SondeProcesses sondes,
      FaultRun run,
      History history,
      long seed,
      List<Kind> kinds,
      Duration longest)
      throws Exception {
    try (TestNetwork network = TestNetwork.of(NetworkCluster.COUNT + 1);
        PolledCounters counters = new PolledCounters(network.address());
        NetworkCluster cluster = NetworkCluster.start(sondes, network, counters.settings());
        ClusterTraffic traffic = new ClusterTraffic(cluster, counters, history, seed)) {
      ClusterFaults faults =
          new ClusterFaults(cluster, network, traffic, new Random(seed), longest);
      faults.awaitCalm();
      for (Kind kind : kinds) {
        faults.strike(kind);
        run.faults(faults.counts());
      }
      faults.print();
      traffic.finish(run, cluster);
      assertThat(faults.failures()).as("faults, seed " + seed).isEmpty();
      run.passed();
    }
  }
}
