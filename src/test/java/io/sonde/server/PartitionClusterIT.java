package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.ClusterFaults.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Three nodes in a network of their own with one PostgreSQL, with traffic from all sides: a node
 * leaves, is cut off from the database. A short selection of what {@link ClusterFaultIT} does.
 * Needs the rights of root.
 */
@Tag("servers")
class PartitionClusterIT {
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final History history = new History();

  @Test
  @Timeout(600)
  void aClusterOutlivesItsNetwork() throws Exception {
    System.out.println("PartitionClusterIT: seed " + SEED);
    assertThat(TestNetwork.refusal()).as("why this machine can have no network").isEmpty();
    try (FaultRun run = new FaultRun("", history, SEED)) {
      ClusterFaultIT.strike(
          sondes, run, history, SEED, List.of(Kind.LEAVE, Kind.NO_DATABASE), Duration.ZERO);
    }
  }
}
