package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.sharding.ShardRegion.CurrentShardRegionState;
import akka.cluster.sharding.typed.GetShardRegionState;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsQuestion;
import io.sonde.query.StatisticsRow;
import io.sonde.query.StoredSample;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As during an upgrade: nodes of this version and of the next one in one cluster, one database. */
class TwoVersionsIT {
  private static final String[] SETTINGS = {
    "sonde.collector.collectors=4",
    "sonde.collector.flush-interval=1h",
    // Only what goes from node to node is written as bytes.
    "akka.actor.serialize-messages=off"
  };
  private static final String[] NEXT = {
    SETTINGS[0],
    SETTINGS[1],
    SETTINGS[2],
    "akka.actor.serializers.sonde-collector=\"io.sonde.collector.NextCollectorSerializer\""
  };
  private static final long START = 1_767_225_600_000_000L;
  private static final int BATCH = 1_000;

  @TempDir Path folder;

  @Test
  void theyUnderstandEachOtherAndEachOthersJournals() throws Exception {
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      DatabaseSettings settings = postgres.newDatabase();
      List<StoredSample> all;
      try (TestNode older = TestNode.start(settings, SETTINGS);
          TestNode newer = TestNode.join(older, settings, NEXT)) {
        awaitBothHaveCollectors(older, newer);
        assertThat(add(older, 0)).isEqualTo(new Receipt(BATCH, 0, 0));
        assertThat(add(newer, 1)).isEqualTo(new Receipt(BATCH, 0, 0));
        assertThat(add(newer, 0)).isEqualTo(new Receipt(0, BATCH, 0));
        assertThat(add(older, 1)).isEqualTo(new Receipt(0, BATCH, 0));
        all = samples(older);
        assertThat(all).hasSize(2 * BATCH);
        assertThat(samples(newer)).isEqualTo(all);
        assertThat(totals(newer)).isEqualTo(totals(older));
        for (int collector = 0; collector < 4; collector++) {
          for (TestNode node : List.of(older, newer)) {
            assertThat(
                    TestNode.get(
                            node.collectors.describe(
                                collector, Set.of(0), Set.of(), Duration.ofSeconds(10)))
                        .series())
                .hasSize(1);
          }
        }
      }
      String[] both = {"add-1", "added-1", "read-1", "part-1", "describe-1", "described-1"};
      assertThat(NextCollectorSerializer.WRITTEN).contains(both);
      assertThat(NextCollectorSerializer.READ).contains(both);
      for (int collector = 0; collector < 4; collector++) {
        rewriteAsNextVersion(settings, collector);
      }
      try (TestNode older = TestNode.start(settings, SETTINGS)) {
        assertThat(samples(older)).isEqualTo(all);
        assertThat(add(older, 1)).isEqualTo(new Receipt(0, BATCH, 0));
        assertThat(add(older, 2)).isEqualTo(new Receipt(BATCH, 0, 0));
      }
      try (TestNode again = TestNode.start(settings, SETTINGS)) {
        assertThat(samples(again)).hasSize(3 * BATCH).containsAll(all);
      }
    }
  }

  private static void awaitBothHaveCollectors(TestNode one, TestNode other) {
    Wait.until(
        Duration.ofSeconds(60),
        "collectors on both nodes",
        () -> owned(one) > 0 && owned(other) > 0 && owned(one) + owned(other) == 4);
    TestNode.join(one.collectors.ping(Duration.ofSeconds(20)));
    TestNode.join(other.collectors.ping(Duration.ofSeconds(20)));
  }

  private static int owned(TestNode node) throws Exception {
    CompletionStage<CurrentShardRegionState> state =
        AskPattern.ask(
            ClusterSharding.get(node.system).shardState(),
            replyTo -> new GetShardRegionState(Collector.TYPE_KEY, replyTo),
            Duration.ofSeconds(20),
            node.system.scheduler());
    return TestNode.get(state).getShards().size();
  }

  private static void rewriteAsNextVersion(DatabaseSettings settings, int collector)
      throws Exception {
    String id = Collector.persistenceId(collector);
    try (Connection connection = TestPostgres.connect(settings);
        PreparedStatement select =
            connection.prepareStatement(
                "SELECT event_payload FROM event_journal WHERE persistence_id = ?"
                    + " ORDER BY sequence_number");
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE event_journal SET event_payload = ?"
                    + " WHERE persistence_id = ? AND sequence_number = ?")) {
      select.setString(1, id);
      List<byte[]> events = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          events.add(rows.getBytes(1));
        }
      }
      assertThat(events).isNotEmpty();
      long sequence = 0;
      for (byte[] next : NextVersion.journal(events)) {
        update.setBytes(1, next);
        update.setString(2, id);
        update.setLong(3, ++sequence);
        assertThat(update.executeUpdate()).isEqualTo(1);
      }
    }
  }

  private static Receipt add(TestNode node, int batch) throws Exception {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      Series series =
          new Series("test", "m", MeterType.GAUGE, "B", "r" + i, "p", null, Series.NO_DIMENSIONS);
      samples.add(
          new Sample(
              series,
              START + batch,
              i,
              SampleKey.ofMessageId(batch + "/" + i),
              Metadata.of(Map.of("number", i))));
    }
    return TestNode.get(node.collectors.add("store", SampleBatch.of(samples)));
  }

  private static List<StoredSample> samples(TestNode node) throws Exception {
    return TestNode.get(node.queries.samples(SampleFilter.ALL, 100_000));
  }

  private static List<StatisticsRow> totals(TestNode node) throws Exception {
    return TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(3_600)));
  }
}
