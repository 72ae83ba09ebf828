package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.query.BrokenCollectorException;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsQuestion;
import io.sonde.query.StatisticsRow;
import io.sonde.store.DatabaseSettings;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A collector whose journal or snapshot is damaged tells nothing, flushes nothing and takes what
 * comes; mended, it tells all of it, each sample once.
 */
@Timeout(300)
class BrokenCollectorIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int IN_BATCH = 20;
  private static final String FIRST = "persistence_id = 'collector|0'";

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private static DatabaseSettings filled;
  private DatabaseSettings database;
  private long stored = 15 * IN_BATCH;

  /** Batches 0 to 9 are in rows, 10 to 14 in the journal alone. */
  @BeforeAll
  static void fill() throws Exception {
    postgres = TestPostgres.start(folder);
    filled = postgres.newDatabase();
    try (TestNode node = node(filled, "0s")) {
      for (int i = 0; i < 10; i++) {
        add(node, i);
      }
      Wait.until(
          LIMIT,
          "chunk rows",
          () ->
              TestPostgres.number(filled, "SELECT coalesce(sum(samples), 0) FROM chunk")
                  == 10 * IN_BATCH);
    }
    try (TestNode node = node(filled, "1h")) {
      for (int i = 10; i < 15; i++) {
        add(node, i);
      }
    }
    for (String table : List.of("event_journal", "snapshot")) {
      TestPostgres.execute(filled, "CREATE TABLE whole_" + table + " AS SELECT * FROM " + table);
    }
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @BeforeEach
  void copy() throws SQLException {
    database = postgres.copyOf(filled);
  }

  @Test
  void anEventThatCannotBeRead() throws Exception {
    long event = flushed() + 2;
    goesOnBehind(
        "UPDATE event_journal SET event_payload = set_byte(event_payload, 60,"
            + " get_byte(event_payload, 60) # 1) WHERE "
            + FIRST
            + " AND sequence_number = "
            + event,
        "collector 0, event " + event + ": expected an event that can be read");
  }

  @Test
  void anEventThatIsMissing() throws Exception {
    long event = flushed() + 3;
    goesOnBehind(
        "DELETE FROM event_journal WHERE " + FIRST + " AND sequence_number = " + event,
        "collector 0, event " + event + ": expected event " + event);
  }

  /** Nothing follows that would name another hash. */
  @Test
  void theLastEventThatIsMissing() throws Exception {
    execute("DELETE FROM event_journal WHERE " + FIRST + " AND sequence_number > " + flushed());
    execute(
        "DELETE FROM whole_event_journal WHERE " + FIRST + " AND sequence_number > " + flushed());
    stored -= 5 * number("SELECT count(*) FROM series WHERE collector = 0 AND meter = 'm0'");
    goesOnBehind(
        "DELETE FROM event_journal WHERE " + FIRST + " AND sequence_number = " + flushed(),
        "collector 0, event " + flushed() + ": expected ");
  }

  @Test
  void theLastEventThatAkkaPassesOver() throws Exception {
    long last = number("SELECT max(sequence_number) FROM event_journal WHERE " + FIRST);
    goesOnBehind(
        "UPDATE event_journal SET deleted = true WHERE " + FIRST + " AND sequence_number = " + last,
        "collector 0, event " + last + ": expected ");
  }

  @Test
  void aSnapshotThatCannotBeRead() throws Exception {
    goesOnBehind(
        "UPDATE snapshot SET snapshot_payload = set_byte(snapshot_payload, 40,"
            + " get_byte(snapshot_payload, 40) # 1) WHERE "
            + FIRST,
        "collector 0, event " + flushed() + ": expected a snapshot that can be read");
  }

  @Test
  void theSnapshotOfAnotherCollector() throws Exception {
    goesOnBehind(
        "UPDATE snapshot s SET snapshot_payload = o.snapshot_payload FROM snapshot o WHERE s."
            + FIRST
            + " AND o.persistence_id = 'collector|1'",
        "collector 0, event ");
  }

  private void goesOnBehind(String damage, String found) throws Exception {
    execute(damage);
    long generation = generation();
    for (int life = 0; life < 2; life++) {
      try (TestNode node = node(database, "0s")) {
        refuses(node, found);
        // One that is new, one that is stored, and one that came while it was broken.
        assertThat(add(node, 20 + life).accepted()).isEqualTo(IN_BATCH);
        add(node, 3);
        add(node, 20);
        refuses(node, found);
      }
      List<String> verified = Verified.report(database);
      assertThat(verified)
          .anyMatch(line -> line.contains("a segment that was begun behind damage"));
      assertThat(verified).last().asString().contains(" damaged: ");
    }
    assertThat(generation()).as("flushes of a broken collector").isEqualTo(generation);
    execute(
        "DELETE FROM event_journal e USING whole_event_journal w WHERE e.persistence_id = w.persistence_id AND e.sequence_number = w.sequence_number");
    execute("INSERT INTO event_journal SELECT * FROM whole_event_journal");
    execute("DELETE FROM snapshot WHERE " + FIRST);
    execute("INSERT INTO snapshot SELECT * FROM whole_snapshot WHERE " + FIRST);
    try (TestNode node = node(database, "0s")) {
      awaitCount(node);
      assertThat(add(node, 21).duplicate()).isEqualTo(IN_BATCH);
      Wait.until(LIMIT, "a flush", () -> generation() > generation);
      awaitCount(node);
    }
    assertThat(Verified.report(database)).last().asString().startsWith("all holds: ");
  }

  private static void refuses(TestNode node, String found) {
    assertThatThrownBy(() -> count(node))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(BrokenCollectorException.class)
        .hasMessageContaining(found);
  }

  /** While what came is handed in there is no answer. */
  private void awaitCount(TestNode node) throws Exception {
    Wait.until(
        LIMIT,
        "an answer",
        () -> {
          try {
            assertThat(count(node)).isEqualTo(stored + 2 * IN_BATCH);
            return true;
          } catch (ExecutionException e) {
            return false;
          }
        });
  }

  private static TestNode node(DatabaseSettings at, String flushInterval) throws Exception {
    return TestNode.start(
        at,
        "sonde.collector.collectors=2",
        "sonde.collector.chunk-samples=10",
        "sonde.collector.flush-interval=" + flushInterval,
        "sonde.collector.ask-timeout=10s");
  }

  private static Receipt add(TestNode node, int number) throws Exception {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < IN_BATCH; i++) {
      Series series =
          new Series(
              "test",
              "m" + number % 2,
              MeterType.GAUGE,
              "B",
              "r" + i,
              "p",
              null,
              Series.NO_DIMENSIONS);
      samples.add(
          new Sample(
              series,
              1_767_225_600_000_000L + number * 60_000_000L,
              number + i,
              SampleKey.ofMessageId(number + "/" + i),
              Metadata.of(Map.of("batch", (long) number))));
    }
    return TestNode.get(node.collectors.add("store", SampleBatch.of(samples)));
  }

  private static long count(TestNode node) throws Exception {
    List<StatisticsRow> rows =
        TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0)));
    return rows.stream().mapToLong(StatisticsRow::count).sum();
  }

  private long flushed() {
    return number("SELECT flushed FROM collector WHERE id = 0");
  }

  private long generation() {
    return number("SELECT generation FROM collector WHERE id = 0");
  }

  private long number(String sql) {
    try {
      return TestPostgres.number(database, sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private void execute(String sql) throws SQLException {
    TestPostgres.execute(database, sql);
  }
}
