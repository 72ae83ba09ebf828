package io.sonde.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * The nodes that share the database, and the cluster that owns it. Uses a connection of its own, so
 * that neither waits for the other: a node is not taken for dead because its pool is busy. Methods
 * block, for a few seconds at most, and fail with {@link DatabaseException}.
 */
public final class NodeStore implements AutoCloseable {
  private static final int LOCK = 0x50df;

  /** No statement here takes long: a server that does not answer by then is away. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Database database;

  private NodeStore(Database database) {
    this.database = database;
  }

  /**
   * Opens a connection; the tables must be there.
   *
   * @throws StartupException when the database cannot be reached
   */
  public static NodeStore open(DatabaseSettings settings) {
    return new NodeStore(Database.openOne(settings, PATIENCE));
  }

  /**
   * What a node says of itself.
   *
   * @param incarnation the random number by which the cluster knows it
   * @param address {@code host:port} at which other nodes reach it
   * @param epoch the cluster that it is a member of; null while it looks for one
   */
  public record Self(long incarnation, String address, UUID epoch) {}

  /**
   * A node's row, with times of the database's clock.
   *
   * @param started when it was first written
   * @param renewed when it was last written
   * @param age how long ago that was
   */
  public record Row(
      long incarnation,
      String address,
      UUID epoch,
      Instant started,
      Instant renewed,
      Duration age) {}

  /**
   * All that is known.
   *
   * @param databaseId tells this database from others
   * @param epoch the cluster that owns it; null when there never was one
   * @param rows in the order of their addresses
   */
  public record View(UUID databaseId, UUID epoch, List<Row> rows) {
    /** The members of the cluster that owns the database, dead or alive. */
    public List<Row> members() {
      return rows.stream().filter(row -> epoch != null && epoch.equals(row.epoch())).toList();
    }
  }

  /** Reads what is known. */
  public View read() {
    return database.run(NodeStore::view);
  }

  /** Renews the row of a member, unless others have removed it, and reads what is known. */
  public View renew(long incarnation) {
    return database.run(
        connection -> {
          try (PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE node SET renewed = clock_timestamp() WHERE incarnation = ?")) {
            update.setLong(1, incarnation);
            update.executeUpdate();
          }
          return view(connection);
        });
  }

  /** Writes a node's row and reads what is known. */
  public View write(Self self) {
    return database.run(
        connection -> {
          write(connection, self);
          return view(connection);
        });
  }

  /**
   * Forms a cluster with one member, unless there is a member of the present one that is not known
   * to be dead. Of nodes that try at the same time one succeeds.
   *
   * @param self its first member, with a new epoch
   * @param dead rows as they were read last, of members that are dead for all that is known
   * @return whether the cluster owns the database from now on; if so, the dead ones' rows are gone
   */
  public boolean form(Self self, Collection<Row> dead) {
    return database.inTransaction(
        connection -> {
          try (PreparedStatement lock =
              connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
            lock.setInt(1, LOCK);
            lock.execute();
          }
          for (Row member : view(connection).members()) {
            if (member.incarnation() != self.incarnation() && !isAmong(dead, member)) {
              return false;
            }
          }
          for (Row one : dead) {
            delete(connection, one.incarnation());
          }
          try (PreparedStatement update =
              connection.prepareStatement("UPDATE cluster SET epoch = ?, formed = now()")) {
            update.setObject(1, self.epoch());
            update.executeUpdate();
          }
          write(connection, self);
          return true;
        });
  }

  /** Removes the row of a node that is gone. */
  public void remove(long incarnation) {
    database.run(
        connection -> {
          delete(connection, incarnation);
          return null;
        });
  }

  @Override
  public void close() {
    database.close();
  }

  private static boolean isAmong(Collection<Row> dead, Row member) {
    return dead.stream()
        .anyMatch(
            one ->
                one.incarnation() == member.incarnation()
                    && one.renewed().equals(member.renewed()));
  }

  private static void write(Connection connection, Self self) throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            """
            INSERT INTO node (incarnation, address, epoch) VALUES (?, ?, ?::uuid)
            ON CONFLICT (incarnation) DO UPDATE
              SET address = excluded.address, epoch = excluded.epoch, renewed = clock_timestamp()
            """)) {
      upsert.setLong(1, self.incarnation());
      upsert.setString(2, self.address());
      upsert.setObject(3, self.epoch());
      upsert.executeUpdate();
    }
  }

  private static void delete(Connection connection, long incarnation) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM node WHERE incarnation = ?")) {
      delete.setLong(1, incarnation);
      delete.executeUpdate();
    }
  }

  private static View view(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT cluster.database_id, cluster.epoch,
                       node.incarnation, node.address, node.epoch, node.started, node.renewed,
                       extract(epoch FROM clock_timestamp() - node.renewed) * 1000
                FROM cluster LEFT JOIN node ON true
                ORDER BY node.address, node.incarnation
                """)) {
      UUID databaseId = null;
      UUID epoch = null;
      List<Row> all = new ArrayList<>();
      while (rows.next()) {
        databaseId = rows.getObject(1, UUID.class);
        epoch = rows.getObject(2, UUID.class);
        long incarnation = rows.getLong(3);
        if (!rows.wasNull()) {
          all.add(
              new Row(
                  incarnation,
                  rows.getString(4),
                  rows.getObject(5, UUID.class),
                  rows.getTimestamp(6).toInstant(),
                  rows.getTimestamp(7).toInstant(),
                  Duration.ofMillis(Math.max(0, rows.getLong(8)))));
        }
      }
      return new View(databaseId, epoch, List.copyOf(all));
    }
  }
}
