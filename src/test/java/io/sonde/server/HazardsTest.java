package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import io.sonde.store.DatabaseSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The settings that docs/adr/0016-hazards-of-the-stack.md names, as a node has them. */
class HazardsTest {
  private static final Config NODE =
      AkkaConfig.of(
          Configuration.load(null, List.of()),
          new ClusterSettings("127.0.0.1", 0, List.of(), List.of()),
          new DatabaseSettings("jdbc:postgresql://db/x", "u", "p", 8, Duration.ofSeconds(5)));

  @Test
  void nothingIsLeftOutOrDroppedInSilence() {
    assertThat(NODE.getString("jdbc-journal.replay-filter.mode")).isEqualTo("fail");
    assertThat(NODE.getString("akka.persistence.typed.stash-overflow-strategy")).isEqualTo("fail");
    assertThat(NODE.getString("akka.cluster.sharding.passivation.strategy")).isEqualTo("none");
  }

  @Test
  void oneWritersFailureIsItsOwn() {
    assertThat(NODE.getInt("jdbc-journal.batchSize")).isEqualTo(1);
  }

  @Test
  void theJournalHasOnePoolThatIsNotWaitedForLong() {
    for (String plugin : List.of("jdbc-journal", "jdbc-snapshot-store", "jdbc-read-journal")) {
      assertThat(NODE.getString(plugin + ".use-shared-db")).isEqualTo("slick");
    }
    Config pool = NODE.getConfig("akka-persistence-jdbc.shared-databases.slick.db");
    assertThat(pool.getInt("maxConnections")).isEqualTo(pool.getInt("numThreads"));
    assertThat(pool.getDuration("connectionTimeout")).isLessThanOrEqualTo(Duration.ofSeconds(5));
    assertThat(NODE.getDuration("jdbc-journal.circuit-breaker.reset-timeout"))
        .isLessThanOrEqualTo(Duration.ofSeconds(5));
  }
}
