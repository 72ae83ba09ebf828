package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.collector.Collector;
import io.sonde.collector.JournalEvents;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.store.DatabaseSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads straight from the tables, past the server, what is stored of the {@link NumberedSamples}.
 * What is damaged is a {@link io.sonde.series.CorruptDataException}.
 */
final class StoredRows {
  private static final int FETCH = 100;

  private final DatabaseSettings database;

  StoredRows(DatabaseSettings database) {
    this.database = database;
  }

  /** Those of the embedded PostgreSQL that runs in a data directory. */
  static StoredRows of(Path dataDirectory) {
    try {
      return new StoredRows(
          new DatabaseSettings(
              "jdbc:postgresql://127.0.0.1:" + LeftPostgres.port(dataDirectory) + "/sonde",
              "sonde",
              Files.readString(dataDirectory.resolve("postgresql").resolve("password")).strip(),
              2,
              Duration.ofSeconds(5)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where they are. */
  DatabaseSettings database() {
    return database;
  }

  /**
   * The journals by themselves, which hold every sample since the first: their events are numbered
   * without a gap, and each names the hash of the one before it, so one writer wrote after another.
   */
  HistoryCheck journals(History history) throws SQLException {
    HistoryCheck check = new HistoryCheck(history);
    try (Connection connection = connect()) {
      for (Flushed collector : collectors(connection)) {
        events(connection, collector.id(), 0, check);
      }
    }
    return check;
  }

  /**
   * Chunk rows, the open blocks in snapshots, and the events after the flushes that wrote both: a
   * sample is in one of them.
   */
  HistoryCheck chunks(History history) throws SQLException {
    HistoryCheck check = new HistoryCheck(history);
    try (Connection connection = connect()) {
      for (Flushed collector : collectors(connection)) {
        chunks(connection, collector.id(), check);
        snapshot(connection, collector.id(), check);
        events(connection, collector.id(), collector.sequence(), check);
      }
    }
    return check;
  }

  /** A connection that sees the database at one moment. */
  private Connection connect() throws SQLException {
    Connection connection = TestPostgres.connect(database);
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    return connection;
  }

  /** A collector and how far its journal is covered by chunk rows. */
  private record Flushed(int id, long sequence) {}

  private static List<Flushed> collectors(Connection connection) throws SQLException {
    List<Flushed> collectors = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement("SELECT id, flushed FROM collector ORDER BY id");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        collectors.add(new Flushed(rows.getInt(1), rows.getLong(2)));
      }
    }
    assertThat(collectors).isNotEmpty();
    return collectors;
  }

  /** Reads the journal from its beginning, as only there it says what series are. */
  private static void events(Connection connection, int collector, long after, HistoryCheck check)
      throws SQLException {
    Map<Integer, Series> series = new HashMap<>();
    long expected = 1;
    byte[] previous = new byte[32];
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT sequence_number, event_payload FROM event_journal WHERE persistence_id = ?"
                + " ORDER BY sequence_number")) {
      select.setFetchSize(FETCH);
      select.setString(1, Collector.persistenceId(collector));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          byte[] payload = rows.getBytes(2);
          JournalEvents events = JournalEvents.of(payload);
          assertThat(rows.getLong(1)).as("number of the next event").isEqualTo(expected);
          assertThat(events.previousHash()).as("chain at event %d", expected).isEqualTo(previous);
          previous = JournalEvents.hash(payload);
          series.putAll(events.newSeries());
          long sequence = rows.getLong(1);
          if (sequence > after) {
            for (JournalEvents.Recorded sample : events.samples(sink -> true)) {
              Series of = series.get(sample.series());
              assertThat(of)
                  .as("series %d, which event %d has samples of", sample.series(), sequence)
                  .isNotNull();
              if (NumberedSamples.METERS.contains(of.meter())) {
                check.observe(
                    of.meter(), of.resourceId(), time(sample.timestamp()), sample.volume());
              }
            }
          }
          expected = sequence + 1;
        }
      }
    }
  }

  private static void chunks(Connection connection, int collector, HistoryCheck check)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT s.meter, s.resource_id, c.from_time, c.to_time, c.samples, c.payload"
                + " FROM chunk c LEFT JOIN series s"
                + " ON s.collector = c.collector AND s.number = c.series WHERE c.collector = ?")) {
      select.setFetchSize(FETCH);
      select.setInt(1, collector);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          Columns columns = ChunkCodec.decode(rows.getBytes(6));
          assertThat(columns.timestamp(0)).isEqualTo(rows.getLong(3));
          assertThat(columns.timestamp(columns.size() - 1)).isEqualTo(rows.getLong(4));
          assertThat(columns.size()).isEqualTo(rows.getInt(5));
          observe(rows.getString(1), rows.getString(2), columns, check);
        }
      }
    }
  }

  private static void snapshot(Connection connection, int collector, HistoryCheck check)
      throws SQLException {
    Map<Integer, Columns> blocks = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT snapshot_payload FROM snapshot WHERE persistence_id = ?")) {
      select.setString(1, Collector.persistenceId(collector));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          blocks.putAll(JournalEvents.openBlocks(rows.getBytes(1)));
        }
      }
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT number, meter, resource_id FROM series WHERE collector = ?")) {
      select.setInt(1, collector);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          Columns block = blocks.remove(rows.getInt(1));
          if (block != null) {
            observe(rows.getString(2), rows.getString(3), block, check);
          }
        }
      }
    }
    assertThat(blocks).as("open blocks of series that have no row").isEmpty();
  }

  private static void observe(String meter, String resource, Columns columns, HistoryCheck check) {
    if (!NumberedSamples.METERS.contains(meter)) {
      return;
    }
    for (int i = 0; i < columns.size(); i++) {
      check.observe(meter, resource, time(columns.timestamp(i)), columns.volume(i));
    }
  }

  private static LocalDateTime time(long micros) {
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L),
        (int) Math.floorMod(micros, 1_000_000L) * 1_000,
        ZoneOffset.UTC);
  }
}
