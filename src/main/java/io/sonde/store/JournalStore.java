package io.sonde.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/**
 * The journal as outside publishers read it: by persistence id and sequence number, which is
 * without gaps. Blocks.
 */
public final class JournalStore {
  private final Database database;

  public JournalStore(Database database) {
    this.database = database;
  }

  /**
   * An event as it is stored.
   *
   * @param sequence its sequence number
   * @param payload its bytes
   */
  public record StoredEvent(long sequence, byte[] payload) {}

  /** The events after a sequence number, in order, at most so many. */
  public List<StoredEvent> eventsAfter(String persistenceId, long sequence, int limit) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT sequence_number, event_payload FROM event_journal"
                      + " WHERE persistence_id = ? AND sequence_number > ?"
                      + " ORDER BY sequence_number LIMIT ?")) {
            select.setString(1, persistenceId);
            select.setLong(2, sequence);
            select.setInt(3, limit);
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
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT sequence FROM publisher_position WHERE publisher = ? AND collector = ?")) {
            select.setString(1, publisher);
            select.setInt(2, collector);
            try (ResultSet rows = select.executeQuery()) {
              rows.next();
              return rows.getLong(1);
            }
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
