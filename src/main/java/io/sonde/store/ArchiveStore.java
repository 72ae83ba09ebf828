package io.sonde.store;

import static io.sonde.store.Database.sql;

import io.sonde.store.LedgerView.JournalRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Which events of journals are in files, and how they get there. Blocks. */
public final class ArchiveStore {
  /** With the collector's number the name of the lock that one writer holds. */
  private static final int LOCK = 0x50e1;

  /** Rows that one transaction deletes at most. */
  public static final int MAX_EVENTS = 10_000;

  private static final String COLUMNS =
      "persistence_id, first_sequence, last_sequence, event_bytes, directory, file, file_bytes,"
          + " sha256, before, head, note";

  private final Database database;

  public ArchiveStore(Database database) {
    this.database = database;
  }

  /**
   * Takes events out of a collector's journal, in one transaction, as nobody else does meanwhile.
   *
   * @return empty when somebody else does it now
   */
  public <T> Optional<T> tryTake(
      int collector, String persistenceId, Function<Taking, Optional<T>> work) {
    return database.inTransaction(
        connection -> {
          try (Statement patience = connection.createStatement()) {
            // The file is written meanwhile.
            patience.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'");
          }
          try (PreparedStatement lock =
              connection.prepareStatement("SELECT pg_try_advisory_xact_lock(?, ?)")) {
            lock.setInt(1, LOCK);
            lock.setInt(2, collector);
            try (ResultSet rows = lock.executeQuery()) {
              rows.next();
              return rows.getBoolean(1)
                  ? work.apply(
                      new Taking(connection, database.archives(), collector, persistenceId))
                  : Optional.empty();
            }
          }
        });
  }

  /**
   * How much of a journal is archived.
   *
   * @param last number of the last event
   * @param files how many
   * @param fileBytes of all
   * @param eventBytes of the events in them
   * @param archived when that was last, milliseconds since 1970
   */
  public record Extent(
      String persistenceId,
      long last,
      long files,
      long fileBytes,
      long eventBytes,
      long archived) {}

  /** Of all journals that have something archived, by their names. */
  public List<Extent> extents() {
    return database.run(
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement(
                      "SELECT persistence_id, max(last_sequence), count(*), sum(file_bytes)::bigint,"
                          + " sum(event_bytes)::bigint, max(archived)"
                          + " FROM journal_archive GROUP BY persistence_id ORDER BY persistence_id");
              ResultSet rows = select.executeQuery()) {
            List<Extent> found = new ArrayList<>();
            while (rows.next()) {
              found.add(
                  new Extent(
                      rows.getString(1),
                      rows.getLong(2),
                      rows.getLong(3),
                      rows.getLong(4),
                      rows.getLong(5),
                      rows.getTimestamp(6).getTime()));
            }
            return found;
          }
        });
  }

  static List<ArchivedFile> files(Connection connection, Path archives, String persistenceId)
      throws SQLException {
    return files(connection, archives, "ORDER BY first_sequence", persistenceId);
  }

  /** The file that has an event; null where none has. */
  static ArchivedFile holding(
      Connection connection, Path archives, String persistenceId, long sequence)
      throws SQLException {
    List<ArchivedFile> found =
        files(
            connection,
            archives,
            "AND first_sequence <= ? ORDER BY first_sequence DESC LIMIT 1",
            persistenceId,
            sequence);
    return found.isEmpty() || found.get(0).last() < sequence ? null : found.get(0);
  }

  private static List<ArchivedFile> files(
      Connection connection, Path archives, String which, Object... arguments) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT " + COLUMNS + " FROM journal_archive WHERE persistence_id = ? " + which)) {
      for (int i = 0; i < arguments.length; i++) {
        select.setObject(i + 1, arguments[i]);
      }
      List<ArchivedFile> found = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(
              new ArchivedFile(
                  rows.getString(1),
                  rows.getLong(2),
                  rows.getLong(3),
                  rows.getLong(4),
                  path(archives, rows.getString(5), rows.getString(6)),
                  rows.getLong(7),
                  rows.getBytes(8),
                  rows.getBytes(9),
                  rows.getBytes(10),
                  rows.getString(11)));
        }
      }
      return found;
    }
  }

  /** Files may have been moved since; where they are now goes before where they were written. */
  private static Path path(Path archives, String directory, String file) {
    return archives != null && Files.exists(archives.resolve(file))
        ? archives.resolve(file)
        : Path.of(directory, file);
  }

  /** A journal within the transaction that takes events out of it. */
  public static final class Taking {
    private final Connection connection;
    private final Path archives;
    private final int collector;
    private final String persistenceId;

    private Taking(Connection connection, Path archives, int collector, String persistenceId) {
      this.connection = connection;
      this.archives = archives;
      this.collector = collector;
      this.persistenceId = persistenceId;
    }

    /** The last file; nothing where all events are in the database. */
    public Optional<ArchivedFile> last() {
      return sql(
          () ->
              files(connection, archives, "ORDER BY first_sequence DESC LIMIT 1", persistenceId)
                  .stream()
                  .findFirst());
    }

    /**
     * The number of the last event that nobody needs in the database: it is before the last flush,
     * in the log, and behind it is whatever a publisher waits for.
     *
     * @param oldest publishers leave out what was written before, milliseconds since 1970
     */
    public long dispensable(long oldest) {
      return sql(
          () -> {
            try (PreparedStatement select =
                connection.prepareStatement(
                    """
                    SELECT least(
                      (SELECT flushed - 1 FROM collector WHERE id = ?),
                      (SELECT first_sequence + events - 1 FROM log_leaves WHERE collector = ?
                       ORDER BY first_sequence DESC LIMIT 1),
                      (SELECT min(p.sequence) FROM publisher_position p JOIN event_journal j
                         ON j.persistence_id = ? AND j.sequence_number = p.sequence + 1
                       WHERE p.collector = ? AND j.write_timestamp >= ?)),
                      EXISTS (SELECT FROM collector WHERE id = ?)
                        AND EXISTS (SELECT FROM log_leaves WHERE collector = ?)
                    """)) {
              select.setInt(1, collector);
              select.setInt(2, collector);
              select.setString(3, persistenceId);
              select.setInt(4, collector);
              select.setLong(5, oldest);
              select.setInt(6, collector);
              select.setInt(7, collector);
              try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getBoolean(2) ? rows.getLong(1) : 0;
              }
            }
          });
    }

    /**
     * The number of the event with which events after another one fill a file; nothing where they
     * do not.
     *
     * @param to the last that may be taken
     * @param bytes of events that fill a file; {@value #MAX_EVENTS} events do too
     */
    public OptionalLong full(long after, long to, long bytes) {
      return sql(
          () -> {
            // The length of a value outside of its row is in the row.
            try (PreparedStatement select =
                connection.prepareStatement(
                    """
                    SELECT sequence_number FROM (
                      SELECT sequence_number,
                             sum(octet_length(event_payload)) OVER (ORDER BY sequence_number) AS bytes,
                             row_number() OVER (ORDER BY sequence_number) AS events
                      FROM (SELECT sequence_number, event_payload FROM event_journal
                            WHERE persistence_id = ? AND sequence_number > ? AND sequence_number <= ?
                            ORDER BY sequence_number LIMIT ?) AS due) AS counted
                    WHERE bytes >= ? OR events = ? ORDER BY sequence_number LIMIT 1
                    """)) {
              select.setString(1, persistenceId);
              select.setLong(2, after);
              select.setLong(3, to);
              select.setInt(4, MAX_EVENTS);
              select.setLong(5, bytes);
              select.setInt(6, MAX_EVENTS);
              try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
              }
            }
          });
    }

    /** The events from one number to another one, both included, that are in the database. */
    public List<JournalRow> events(long from, long to) {
      List<JournalRow> events = new ArrayList<>();
      LedgerView.of(connection, archives).events(persistenceId, from, to, events::add);
      return events;
    }

    /**
     * Deletes the events that a file has, and notes the file in their place.
     *
     * @param note the entry that tells of it
     * @throws IllegalStateException when there are not so many any more
     */
    public void exchange(ArchivedFile file, String note) {
      sql(
          () -> {
            try (PreparedStatement insert =
                    connection.prepareStatement(
                        "INSERT INTO journal_archive (persistence_id, first_sequence, last_sequence,"
                            + " event_bytes, directory, file, file_bytes, sha256, before, head, note)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
                PreparedStatement delete =
                    connection.prepareStatement(
                        "DELETE FROM event_journal WHERE persistence_id = ?"
                            + " AND sequence_number BETWEEN ? AND ?")) {
              insert.setString(1, file.persistenceId());
              insert.setLong(2, file.first());
              insert.setLong(3, file.last());
              insert.setLong(4, file.eventBytes());
              insert.setString(5, file.path().getParent().toString());
              insert.setString(6, file.path().getFileName().toString());
              insert.setLong(7, file.fileBytes());
              insert.setBytes(8, file.sha256());
              insert.setBytes(9, file.before());
              insert.setBytes(10, file.head());
              insert.setString(11, note);
              insert.executeUpdate();
              delete.setString(1, file.persistenceId());
              delete.setLong(2, file.first());
              delete.setLong(3, file.last());
              int deleted = delete.executeUpdate();
              if (deleted != file.last() - file.first() + 1) {
                throw new IllegalStateException(deleted + " rows were deleted of " + file.shown());
              }
              return null;
            }
          });
    }
  }
}
