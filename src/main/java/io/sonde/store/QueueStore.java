package io.sonde.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The queue of what is published without being stored. A row is for one publisher and one
 * collector, and there until it is deleted. All methods block.
 */
public final class QueueStore {
  /** What the names of publishers begin with under which events are queued. */
  public static final String EVENTS = "events to ";

  private final Database database;

  public QueueStore(Database database) {
    this.database = database;
  }

  /**
   * What is queued.
   *
   * @param recorded seconds since 1970
   */
  public record NewRow(String publisher, int collector, long recorded, byte[] payload) {}

  /** What waits for a publisher at a collector. */
  public record Row(long id, long recorded, byte[] payload) {}

  /** Queues all of these or, when it throws, none, unless it is not known. */
  public void add(List<NewRow> rows) {
    database.run(
        connection -> {
          insert(connection, rows);
          return null;
        });
  }

  /** Queues these in a transaction of somebody else's. */
  static void insert(Connection connection, List<NewRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (BinaryCopy copy =
        new BinaryCopy(
            connection, "publish_queue", "publisher", "collector", "recorded", "payload")) {
      for (NewRow row : rows) {
        copy.startRow(4)
            .add(row.publisher())
            .add(row.collector())
            .add(row.recorded())
            .add(row.payload());
      }
    }
  }

  /**
   * What waits, in the order of ids: the first row, and further ones as long as those before have
   * less than a quarter of a mebibyte.
   */
  public List<Row> first(String publisher, int collector) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  """
                  SELECT id, recorded, payload
                  FROM (
                    SELECT id, recorded, payload,
                           sum(octet_length(payload)) OVER (ORDER BY id)
                             - octet_length(payload) AS before
                    FROM (
                      SELECT id, recorded, payload FROM publish_queue
                      WHERE publisher = ? AND collector = ?
                      ORDER BY id LIMIT 64) AS head) AS sized
                  WHERE before < 262144
                  ORDER BY id
                  """)) {
            select.setString(1, publisher);
            select.setInt(2, collector);
            List<Row> first = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                first.add(new Row(rows.getLong(1), rows.getLong(2), rows.getBytes(3)));
              }
            }
            return first;
          }
        });
  }

  /** How much waits above an id. */
  public JournalStore.Waiting waiting(String publisher, int collector, long id) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT count(*), coalesce(sum(octet_length(payload)), 0),"
                      + " coalesce(max(id), ?) FROM publish_queue"
                      + " WHERE publisher = ? AND collector = ? AND id > ?")) {
            select.setLong(1, id);
            select.setString(2, publisher);
            select.setInt(3, collector);
            select.setLong(4, id);
            return JournalStore.waiting(select);
          }
        });
  }

  /** Deletes what need not wait any more. */
  public void delete(String publisher, int collector, List<Long> ids) {
    database.run(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM publish_queue"
                      + " WHERE publisher = ? AND collector = ? AND id = ANY (?)")) {
            delete.setString(1, publisher);
            delete.setInt(2, collector);
            delete.setArray(3, connection.createArrayOf("int8", ids.toArray()));
            return delete.executeUpdate();
          }
        });
  }

  /**
   * Deletes what waits for others than these publishers and was recorded before.
   *
   * @return how many rows
   */
  public int deleteOthers(List<String> publishers, long recordedBefore) {
    return database.run(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM publish_queue WHERE recorded < ? AND publisher <> ALL (?)")) {
            delete.setLong(1, recordedBefore);
            delete.setArray(2, connection.createArrayOf("text", publishers.toArray()));
            return delete.executeUpdate();
          }
        });
  }
}
