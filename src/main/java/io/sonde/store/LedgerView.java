package io.sonde.store;

import io.sonde.model.Series;
import io.sonde.series.Chunk;
import io.sonde.series.CorruptDataException;
import io.sonde.store.JournalStore.StoredEvent;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * All that the database holds of the collectors, as it is at one moment and row by row as it is
 * stored, damaged or not. What the server writes meanwhile is not seen. All methods block; what
 * they hand out is in memory a few rows at a time.
 */
public final class LedgerView {
  /** Rows that are in memory at a time: an event may have 256 kB, and most rows have 1 or 2. */
  private static final int FETCH_EVENTS = 64;

  private static final int FETCH_ROWS = 1_000;

  private final Connection connection;
  private final Path archives;
  private final JournalArchive archive;

  private LedgerView(Connection connection, Path archives) {
    this.connection = connection;
    this.archives = archives;
    this.archive = new JournalArchive(this::holding);
  }

  static LedgerView of(Connection connection, Path archives) {
    return new LedgerView(connection, archives);
  }

  /** Works with one view of the database. */
  public static <T> T at(Database database, Function<LedgerView, T> work) {
    return database.inSnapshot(connection -> work.apply(of(connection, database.archives())));
  }

  /**
   * A row of a journal.
   *
   * @param isDeleted whether Akka passes over it
   */
  public record JournalRow(
      long sequence, boolean isDeleted, int serializerId, String manifest, byte[] payload) {}

  /**
   * A snapshot.
   *
   * @param sequence of the last event that it covers, by the row
   */
  public record SnapshotRow(long sequence, int serializerId, String manifest, byte[] payload) {}

  /**
   * The row of a collector.
   *
   * @param generation number of its last flush
   * @param sequence of the last event that this covers
   */
  public record Flushed(long generation, long sequence) {}

  /** A chunk row and the flush that wrote it, or the last of those that it was merged of. */
  public record StoredChunk(ChunkRow row, long generation) {}

  /**
   * A row of a series.
   *
   * @param identity as the row has it
   * @param series null where it cannot be read
   */
  public record StoredSeries(int number, long identity, Series series) {}

  /** The row of a collector; nothing where there is none. */
  public Optional<Flushed> flushed(int collector) {
    return run(
        "SELECT generation, flushed FROM collector WHERE id = ?",
        select -> {
          select.setInt(1, collector);
          try (ResultSet rows = select.executeQuery()) {
            return rows.next()
                ? Optional.of(new Flushed(rows.getLong(1), rows.getLong(2)))
                : Optional.empty();
          }
        });
  }

  /** The persistence ids of a kind of entity that have events or snapshots. */
  public Set<String> persistenceIds(String kind) {
    // From id to id along the primary key: the journal is much larger than their number.
    return run(
        """
        WITH RECURSIVE ids AS (
          (SELECT persistence_id AS id FROM event_journal ORDER BY persistence_id LIMIT 1)
          UNION ALL
          SELECT (SELECT persistence_id FROM event_journal WHERE persistence_id > ids.id
                  ORDER BY persistence_id LIMIT 1)
          FROM ids WHERE ids.id IS NOT NULL)
        SELECT id FROM ids WHERE starts_with(id, ?)
        UNION SELECT persistence_id FROM snapshot WHERE starts_with(persistence_id, ?)
        """,
        select -> {
          select.setString(1, kind + "|");
          select.setString(2, kind + "|");
          Set<String> ids = new HashSet<>();
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              ids.add(rows.getString(1));
            }
          }
          return ids;
        });
  }

  /** The snapshots of a journal, the newest first. There is one, or none. */
  public List<SnapshotRow> snapshots(String persistenceId) {
    return run(
        "SELECT sequence_number, snapshot_ser_id, snapshot_ser_manifest, snapshot_payload"
            + " FROM snapshot WHERE persistence_id = ? ORDER BY sequence_number DESC",
        select -> {
          select.setString(1, persistenceId);
          List<SnapshotRow> found = new ArrayList<>();
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              found.add(
                  new SnapshotRow(
                      rows.getLong(1), rows.getInt(2), rows.getString(3), rows.getBytes(4)));
            }
          }
          return found;
        });
  }

  /** The greatest sequence number of a journal; 0 where it has no events. */
  public long end(String persistenceId) {
    return run(
        "SELECT coalesce(max(sequence_number), 0) FROM event_journal WHERE persistence_id = ?",
        select -> {
          select.setString(1, persistenceId);
          try (ResultSet rows = select.executeQuery()) {
            rows.next();
            return rows.getLong(1);
          }
        });
  }

  /** The files with archived events of a journal, in order. */
  public List<ArchivedFile> archived(String persistenceId) {
    return Database.sql(() -> ArchiveStore.files(connection, archives, persistenceId));
  }

  private ArchivedFile holding(String persistenceId, long sequence) {
    return Database.sql(() -> ArchiveStore.holding(connection, archives, persistenceId, sequence));
  }

  /**
   * The bytes of one event, archived or not; nothing where it is in neither.
   *
   * @throws MissingArchiveException when its file cannot be read
   * @throws CorruptDataException when that is damaged
   */
  public Optional<byte[]> payload(String persistenceId, long sequence) {
    List<JournalRow> found = new ArrayList<>(1);
    events(persistenceId, sequence, sequence, found::add);
    if (!found.isEmpty()) {
      return Optional.of(found.get(0).payload());
    }
    List<StoredEvent> archived = archive.after(persistenceId, sequence - 1);
    return archived == null ? Optional.empty() : Optional.of(archived.get(0).payload());
  }

  /**
   * Hands out the events from one sequence number to another one, both included, in order, that are
   * in the database.
   */
  public void events(String persistenceId, long from, long to, Consumer<JournalRow> visitor) {
    run(
        "SELECT sequence_number, deleted, event_ser_id, event_ser_manifest, event_payload"
            + " FROM event_journal WHERE persistence_id = ? AND sequence_number BETWEEN ? AND ?"
            + " ORDER BY sequence_number",
        select -> {
          select.setString(1, persistenceId);
          select.setLong(2, from);
          select.setLong(3, to);
          Database.stream(select, FETCH_EVENTS);
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              visitor.accept(
                  new JournalRow(
                      rows.getLong(1),
                      rows.getBoolean(2),
                      rows.getInt(3),
                      rows.getString(4),
                      rows.getBytes(5)));
            }
          }
          return null;
        });
  }

  /** Hands out the rows of a collector's series, by their numbers. */
  public void series(int collector, Consumer<StoredSeries> visitor) {
    run(
        "SELECT number, identity, "
            + CollectorStore.SERIES_COLUMNS
            + " FROM series s WHERE collector = ? ORDER BY number",
        select -> {
          select.setInt(1, collector);
          Database.stream(select, FETCH_ROWS);
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              visitor.accept(new StoredSeries(rows.getInt(1), rows.getLong(2), readSeries(rows)));
            }
          }
          return null;
        });
  }

  private static Series readSeries(ResultSet rows) throws SQLException {
    try {
      return CollectorStore.readSeries(rows, 3);
    } catch (CorruptDataException | IllegalArgumentException e) {
      return null;
    }
  }

  /** Hands out a collector's chunk rows that end at or after a time, microseconds, in any order. */
  public void chunks(int collector, long since, Consumer<StoredChunk> visitor) {
    run(
        "SELECT series, from_time, to_time, samples, recorded, directory, payload, generation"
            + " FROM chunk WHERE collector = ? AND to_time >= ?",
        select -> {
          select.setInt(1, collector);
          select.setLong(2, since);
          Database.stream(select, FETCH_ROWS);
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              Chunk chunk =
                  new Chunk(
                      rows.getLong(2),
                      rows.getLong(3),
                      rows.getInt(4),
                      // 0 where the row is from before that was kept.
                      rows.getLong(5),
                      rows.getBytes(6),
                      rows.getBytes(7));
              visitor.accept(new StoredChunk(new ChunkRow(rows.getInt(1), chunk), rows.getLong(8)));
            }
          }
          return null;
        });
  }

  /** Those of these metadata ids that no row has. */
  public List<UUID> missingMetadata(Set<UUID> ids) {
    return run(
        "SELECT w.id FROM unnest(?::uuid[]) AS w (id)"
            + " WHERE NOT EXISTS (SELECT FROM metadata m WHERE m.id = w.id)",
        select -> {
          select.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
          List<UUID> missing = new ArrayList<>();
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              missing.add(rows.getObject(1, UUID.class));
            }
          }
          return missing;
        });
  }

  /** Hands out the metadata, ids and texts. */
  public void metadata(BiConsumer<UUID, String> visitor) {
    run(
        "SELECT id, body FROM metadata",
        select -> {
          Database.stream(select, FETCH_ROWS);
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              visitor.accept(rows.getObject(1, UUID.class), rows.getString(2));
            }
          }
          return null;
        });
  }

  /** Something that is done with a statement. */
  @FunctionalInterface
  private interface Reading<T> {
    T run(PreparedStatement select) throws SQLException;
  }

  private <T> T run(String sql, Reading<T> reading) {
    return Database.sql(
        () -> {
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            return reading.run(select);
          }
        });
  }
}
