package io.sonde.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * The journal as it is read by persistence id and sequence number, which is without gaps: events
 * that are archived come out of their files. Blocks; what reads events fails with {@link
 * MissingArchiveException} where a file cannot be read, and with {@link
 * io.sonde.series.CorruptDataException} where it is damaged.
 */
public final class JournalStore {
  private final Database database;
  private final JournalArchive archive;

  public JournalStore(Database database) {
    this.database = database;
    this.archive =
        new JournalArchive(
            (persistenceId, sequence) ->
                database.run(
                    connection ->
                        ArchiveStore.holding(
                            connection, database.archives(), persistenceId, sequence)));
  }

  /**
   * An event as it is stored.
   *
   * @param sequence its sequence number
   * @param payload its bytes
   */
  public record StoredEvent(long sequence, byte[] payload) {}

  /**
   * Rows of a queue or a journal.
   *
   * @param bytes of their payloads
   * @param last the greatest number
   */
  public record Waiting(long rows, long bytes, long last) {}

  /**
   * The events after a sequence number, in order: the first, and further ones as long as those
   * before have less than a quarter of a mebibyte. None at the end of the journal.
   */
  public List<StoredEvent> eventsAfter(String persistenceId, long sequence) {
    return archive.after(persistenceId, sequence, after -> rowsAfter(persistenceId, after));
  }

  private List<StoredEvent> rowsAfter(String persistenceId, long sequence) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  """
                  SELECT sequence_number, event_payload
                  FROM (
                    SELECT sequence_number, event_payload,
                           sum(octet_length(event_payload)) OVER (ORDER BY sequence_number)
                             - octet_length(event_payload) AS before
                    FROM (
                      SELECT sequence_number, event_payload FROM event_journal
                      WHERE persistence_id = ? AND sequence_number > ?
                      ORDER BY sequence_number LIMIT 64) AS head) AS sized
                  WHERE before < 262144
                  ORDER BY sequence_number
                  """)) {
            select.setString(1, persistenceId);
            select.setLong(2, sequence);
            List<StoredEvent> events = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                events.add(new StoredEvent(rows.getLong(1), rows.getBytes(2)));
              }
            }
            return events;
          }
        });
  }

  /** The first event after a sequence number that is wanted; each before it was looked at. */
  public Optional<StoredEvent> find(
      String persistenceId, long sequence, Predicate<StoredEvent> isWanted) {
    long last = sequence;
    List<StoredEvent> events;
    do {
      events = eventsAfter(persistenceId, last);
      for (StoredEvent event : events) {
        if (isWanted.test(event)) {
          return Optional.of(event);
        }
        last = event.sequence();
      }
    } while (!events.isEmpty());
    return Optional.empty();
  }

  /**
   * The first bytes of the events after a sequence number, in order. Archived ones may have more.
   *
   * @param bytes of each, where it has so many
   * @param limit events, at most
   */
  public List<StoredEvent> headsAfter(String persistenceId, long sequence, int bytes, int limit) {
    List<StoredEvent> heads =
        archive.after(
            persistenceId, sequence, after -> headsOfRows(persistenceId, after, bytes, limit));
    return heads.size() > limit ? heads.subList(0, limit) : heads;
  }

  private List<StoredEvent> headsOfRows(String persistenceId, long sequence, int bytes, int limit) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT sequence_number, substring(event_payload FROM 1 FOR ?)"
                      + " FROM event_journal WHERE persistence_id = ? AND sequence_number > ?"
                      + " ORDER BY sequence_number LIMIT ?")) {
            select.setInt(1, bytes);
            select.setString(2, persistenceId);
            select.setLong(3, sequence);
            select.setInt(4, limit);
            List<StoredEvent> heads = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                heads.add(new StoredEvent(rows.getLong(1), rows.getBytes(2)));
              }
            }
            return heads;
          }
        });
  }

  /** The least sequence number, archived or not; 1 of a journal without events. */
  public long beginning(String persistenceId) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT coalesce((SELECT min(first_sequence) FROM journal_archive"
                      + " WHERE persistence_id = ?), (SELECT min(sequence_number)"
                      + " FROM event_journal WHERE persistence_id = ?), 1)")) {
            select.setString(1, persistenceId);
            select.setString(2, persistenceId);
            try (ResultSet rows = select.executeQuery()) {
              rows.next();
              return rows.getLong(1);
            }
          }
        });
  }

  /** The greatest sequence number; 0 of a journal without events. */
  public long end(String persistenceId) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT coalesce(max(sequence_number), 0) FROM event_journal"
                      + " WHERE persistence_id = ?")) {
            select.setString(1, persistenceId);
            try (ResultSet rows = select.executeQuery()) {
              rows.next();
              return rows.getLong(1);
            }
          }
        });
  }

  /** How much the database holds of the journal after a sequence number. */
  public Waiting waiting(String persistenceId, long sequence) {
    return database.run(
        connection -> {
          // The length of a value outside of its row is in the row.
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT count(*), coalesce(sum(octet_length(event_payload)), 0),"
                      + " coalesce(max(sequence_number), ?) FROM event_journal"
                      + " WHERE persistence_id = ? AND sequence_number > ?")) {
            select.setLong(1, sequence);
            select.setString(2, persistenceId);
            select.setLong(3, sequence);
            return waiting(select);
          }
        });
  }

  static Waiting waiting(PreparedStatement select) throws SQLException {
    try (ResultSet rows = select.executeQuery()) {
      rows.next();
      return new Waiting(rows.getLong(1), rows.getLong(2), rows.getLong(3));
    }
  }

  /**
   * How far a publisher has got with a collector's journal; a new publisher begins at {@code
   * beginning}.
   */
  public long position(String publisher, int collector, long beginning) {
    return database.inTransaction(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO publisher_position (publisher, collector, sequence)"
                      + " VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, publisher);
            insert.setInt(2, collector);
            insert.setLong(3, beginning);
            insert.executeUpdate();
          }
          return position(connection, publisher, collector).orElseThrow();
        });
  }

  /** How far a publisher has got, where it has a position. */
  public OptionalLong position(String publisher, int collector) {
    return database.run(connection -> position(connection, publisher, collector));
  }

  private static OptionalLong position(Connection connection, String publisher, int collector)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT sequence FROM publisher_position WHERE publisher = ? AND collector = ?")) {
      select.setString(1, publisher);
      select.setInt(2, collector);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /** Takes a publisher's position away. */
  public void forget(String publisher, int collector) {
    database.run(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM publisher_position WHERE publisher = ? AND collector = ?")) {
            delete.setString(1, publisher);
            delete.setInt(2, collector);
            return delete.executeUpdate();
          }
        });
  }

  /** Remembers how far a publisher has got; word of a tailer that another has overtaken is void. */
  public void advance(String publisher, int collector, long sequence) {
    database.run(
        connection -> {
          try (PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE publisher_position SET sequence = ?"
                      + " WHERE publisher = ? AND collector = ? AND sequence < ?")) {
            update.setLong(1, sequence);
            update.setString(2, publisher);
            update.setInt(3, collector);
            update.setLong(4, sequence);
            return update.executeUpdate();
          }
        });
  }
}
