package io.sonde.server;

import io.sonde.store.DataDirectory;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A PostgreSQL for a class of tests, which gives each test a database of its own. */
public final class TestPostgres implements AutoCloseable {
  private final DataDirectory directory;
  private final EmbeddedPostgres server;
  private final Thread whenTestsEnd = new Thread(this::stop, "end-postgres");
  private int databases;

  /** Starts a server in an empty folder. */
  public static TestPostgres start(Path folder) {
    return new TestPostgres(folder);
  }

  private TestPostgres(Path folder) {
    directory = DataDirectory.open(folder);
    server = EmbeddedPostgres.start(directory);
    // A test run that is broken off leaves no database behind.
    Runtime.getRuntime().addShutdownHook(whenTestsEnd);
  }

  /** A new, empty database. */
  public DatabaseSettings newDatabase() throws SQLException {
    return database("");
  }

  /** A new database that is a copy of one that nobody uses any more. */
  public DatabaseSettings copyOf(DatabaseSettings original) throws SQLException {
    String url = original.url();
    String name = url.substring(url.lastIndexOf('/') + 1).replaceFirst("\\?.*", "");
    // Connections that were closed end a moment later.
    Wait.until(
        Duration.ofSeconds(30),
        "the last connection's end",
        () ->
            number(first(), "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + name + "'")
                == 0);
    return database(" TEMPLATE " + name);
  }

  private DatabaseSettings database(String template) throws SQLException {
    String name = "test_" + ++databases;
    execute(first(), "CREATE DATABASE " + name + template);
    return first()
        .at(server.url().replaceFirst("/sonde", "/" + name), server.user(), server.password());
  }

  private DatabaseSettings first() {
    return new DatabaseSettings(
        server.url(), server.user(), server.password(), 8, Duration.ofSeconds(5));
  }

  /** Runs a statement. */
  public static void execute(DatabaseSettings at, String sql) throws SQLException {
    try (Connection connection = connect(at);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The number in the first column of the first row. */
  public static long number(DatabaseSettings at, String sql) throws SQLException {
    try (Connection connection = connect(at);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** A connection of the test's own. */
  public static Connection connect(DatabaseSettings at) throws SQLException {
    return DriverManager.getConnection(at.jdbcUrl(), at.user(), at.password());
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(whenTestsEnd);
    stop();
    directory.close();
  }

  private void stop() {
    server.stop();
  }
}
