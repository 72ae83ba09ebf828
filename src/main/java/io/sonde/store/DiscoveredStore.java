package io.sonde.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The memory of discoveries: which resources each of them knows of. All methods block. */
public final class DiscoveredStore {
  private static final int BATCH = 1_000;

  private final Database database;

  public DiscoveredStore(Database database) {
    this.database = database;
  }

  /**
   * A discovery of a source.
   *
   * @param discovery as the source names it; with the host where each host looks for itself
   */
  public record Searcher(String source, String discovery) {}

  /**
   * A resource that a discovery knows of.
   *
   * @param pollster with the resource's id, what tells it from others
   * @param firstFound since when it is known
   * @param lastFound when it was found last, while it is missed; else null
   */
  public record Discovered(
      String pollster, String resourceId, Instant firstFound, Instant lastFound) {}

  /**
   * All that a discovery knows of.
   *
   * @param lastComplete when it was last told all that there is; null when it never was
   */
  public record Memory(List<Discovered> all, Instant lastComplete) {}

  /** What a discovery knows. */
  public Memory load(Searcher searcher) {
    return database.run(
        connection -> {
          try (PreparedStatement looked =
                  connection.prepareStatement(
                      "SELECT last_complete FROM discovery WHERE source = ? AND discovery = ?");
              PreparedStatement select =
                  connection.prepareStatement(
                      """
                      SELECT pollster, resource, first_found, last_found FROM discovered
                      WHERE source = ? AND discovery = ?
                      """)) {
            identify(looked, searcher);
            identify(select, searcher);
            try (ResultSet row = looked.executeQuery()) {
              Instant last = row.next() ? row.getTimestamp(1).toInstant() : null;
              return new Memory(read(select), last);
            }
          }
        });
  }

  /**
   * Which of these resources another discovery, or the same on another host, has found and does not
   * miss.
   */
  public Set<String> knownElsewhere(Searcher searcher, Collection<String> resourceIds) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  """
                  SELECT DISTINCT resource FROM discovered
                  WHERE (source, discovery) <> (?, ?) AND last_found IS NULL AND resource = ANY (?)
                  """)) {
            identify(select, searcher);
            select.setArray(3, connection.createArrayOf("text", resourceIds.toArray()));
            Set<String> known = new HashSet<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                known.add(rows.getString(1));
              }
            }
            return known;
          }
        });
  }

  /**
   * Writes what changed, all or nothing: resources that are known no more, then those that are
   * known from now on, or in another way.
   *
   * @param lastComplete when the discovery was last told all that there is; null for never
   */
  public void update(
      Searcher searcher,
      Instant lastComplete,
      Collection<Discovered> known,
      Collection<Discovered> forgotten) {
    database.inTransaction(
        connection -> {
          forget(connection, searcher, forgotten);
          save(connection, searcher, known);
          if (lastComplete != null) {
            looked(connection, searcher, lastComplete);
          }
          return null;
        });
  }

  private static void looked(Connection connection, Searcher searcher, Instant lastComplete)
      throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            """
            INSERT INTO discovery (source, discovery, last_complete) VALUES (?, ?, ?)
            ON CONFLICT (source, discovery) DO UPDATE SET last_complete = excluded.last_complete
            """)) {
      identify(upsert, searcher);
      upsert.setTimestamp(3, Timestamp.from(lastComplete));
      upsert.executeUpdate();
    }
  }

  private static void save(Connection connection, Searcher searcher, Collection<Discovered> known)
      throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            """
            INSERT INTO discovered (source, discovery, pollster, resource, first_found, last_found)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, discovery, pollster, resource)
              DO UPDATE SET first_found = excluded.first_found, last_found = excluded.last_found
            """)) {
      int count = 0;
      for (Discovered one : known) {
        identify(upsert, searcher, one);
        upsert.setTimestamp(5, Timestamp.from(one.firstFound()));
        upsert.setTimestamp(6, one.lastFound() == null ? null : Timestamp.from(one.lastFound()));
        upsert.addBatch();
        if (++count % BATCH == 0) {
          upsert.executeBatch();
        }
      }
      upsert.executeBatch();
    }
  }

  private static void forget(
      Connection connection, Searcher searcher, Collection<Discovered> forgotten)
      throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            """
            DELETE FROM discovered
            WHERE source = ? AND discovery = ? AND pollster = ? AND resource = ?
            """)) {
      for (Discovered one : forgotten) {
        identify(delete, searcher, one);
        delete.addBatch();
      }
      delete.executeBatch();
    }
  }

  private static void identify(PreparedStatement statement, Searcher searcher, Discovered one)
      throws SQLException {
    identify(statement, searcher);
    statement.setString(3, one.pollster());
    statement.setString(4, one.resourceId());
  }

  private static void identify(PreparedStatement statement, Searcher searcher) throws SQLException {
    statement.setString(1, searcher.source());
    statement.setString(2, searcher.discovery());
  }

  private static List<Discovered> read(PreparedStatement select) throws SQLException {
    List<Discovered> all = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        Timestamp last = rows.getTimestamp(4);
        all.add(
            new Discovered(
                rows.getString(1),
                rows.getString(2),
                rows.getTimestamp(3).toInstant(),
                last == null ? null : last.toInstant()));
      }
    }
    return all;
  }
}
