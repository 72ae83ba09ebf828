package io.sonde.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/**
 * A table of checkpoints in another database, which is made where it is missing. A row is only ever
 * added: the role needs to be able to insert and to select, no more. Each call connects anew.
 * Blocks, for some seconds at most.
 */
public final class CheckpointMirror {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final DatabaseSettings settings;

  public CheckpointMirror(DatabaseSettings settings) {
    this.settings = settings;
  }

  /**
   * The note of a log that came last.
   *
   * @throws DatabaseException when the database cannot be asked
   */
  public Optional<String> last(String origin) {
    return run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT note FROM sonde_checkpoint WHERE origin = ? ORDER BY id DESC LIMIT 1")) {
            select.setString(1, origin);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
          }
        });
  }

  /**
   * Adds a checkpoint; it is durable then.
   *
   * @throws DatabaseException when that is not known
   */
  public void add(String origin, long size, byte[] root, String note) {
    run(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO sonde_checkpoint (origin, size, root, note) VALUES (?, ?, ?, ?)")) {
            insert.setString(1, origin);
            insert.setLong(2, size);
            insert.setBytes(3, root);
            insert.setString(4, note);
            return insert.executeUpdate();
          }
        });
  }

  private <T> T run(Database.Work<T> work) {
    try (Connection connection =
        DriverManager.getConnection(
            settings.jdbcUrl(PATIENCE), settings.user(), settings.password())) {
      makeTable(connection);
      return work.run(connection);
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** Asked first: who may not make tables may not make one if it is missing either. */
  private static void makeTable(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT to_regclass('sonde_checkpoint') IS NOT NULL")) {
      rows.next();
      if (rows.getBoolean(1)) {
        return;
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE IF NOT EXISTS sonde_checkpoint (
            id       bigserial   PRIMARY KEY,
            origin   text        NOT NULL,
            size     bigint      NOT NULL,
            root     bytea       NOT NULL,
            note     text        NOT NULL,
            received timestamptz NOT NULL DEFAULT now())
          """);
    }
  }
}
