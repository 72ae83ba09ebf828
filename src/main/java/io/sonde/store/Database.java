package io.sonde.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.postgresql.PGStatement;

/**
 * The pool of connections for all SQL of ours. The journal of Akka Persistence has a pool of its
 * own, so that neither queries nor flushes ever take a connection from the intake. Methods block:
 * call them on the blocking dispatcher.
 */
public final class Database implements AutoCloseable {
  private static final int OLDEST_VERSION = 140_000;

  /** How long a connection that is taken from the pool may take to show that it is alive. */
  private static final long VALIDATION_MILLIS = 5_000;

  private final HikariDataSource pool;

  private volatile Path archives;

  /**
   * Opens the pool.
   *
   * @throws StartupException when the database cannot be reached or does not keep what it confirms
   */
  public static Database open(DatabaseSettings settings) {
    return open(
        settings, "sonde", settings.jdbcUrl(), settings.poolSize(), settings.connectionTimeout());
  }

  /** One connection, for short statements that give up on a silent server by then. */
  static Database openOne(DatabaseSettings settings, Duration patience) {
    return open(settings, "sonde-nodes", settings.jdbcUrl(patience), 1, patience);
  }

  private static Database open(
      DatabaseSettings settings, String name, String url, int connections, Duration timeout) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(url);
    config.setUsername(settings.user());
    config.setPassword(settings.password());
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(timeout.toMillis());
    config.setInitializationFailTimeout(timeout.toMillis());
    config.setValidationTimeout(Math.min(timeout.toMillis(), VALIDATION_MILLIS));
    config.setAutoCommit(true);
    // All statements are written for one plan, and planning takes longer than a small answer.
    // Memoize would copy every chunk row of a question, to find each series once.
    config.setConnectionInitSql(
        "SET plan_cache_mode = force_generic_plan; SET enable_memoize = off; "
            + DatabaseSettings.SESSION);
    Database database = null;
    try {
      database = new Database(new HikariDataSource(config));
      String weakness = database.run(Database::weakness);
      if (weakness != null) {
        throw new StartupException(weakness);
      }
      return database;
    } catch (RuntimeException e) {
      if (database != null) {
        database.close();
      }
      if (e instanceof StartupException) {
        throw e;
      }
      throw new StartupException(
          "the database at " + settings.shownUrl() + " cannot be reached: " + rootMessage(e));
    }
  }

  private Database(HikariDataSource pool) {
    this.pool = pool;
  }

  /**
   * Tells where archived events of its journals are now.
   *
   * @param directory files that are not there are looked for where they were written; null: all
   */
  public Database withArchives(Path directory) {
    archives = directory;
    return this;
  }

  /** Where archived events are looked for first; null where that is where they were written. */
  Path archives() {
    return archives;
  }

  /** Something that is done with a connection. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Statements on a connection that somebody else has at hand. */
  @FunctionalInterface
  interface Statements<T> {
    T run() throws SQLException;
  }

  /** Runs statements within what is under way; their failure is a {@link DatabaseException}. */
  static <T> T sql(Statements<T> statements) {
    try {
      return statements.run();
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** Runs statements that each commit by themselves. */
  <T> T run(Work<T> work) {
    try (Connection connection = pool.getConnection()) {
      return work.run(connection);
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** Runs statements in one transaction, rolled back when the work throws. */
  <T> T inTransaction(Work<T> work) {
    return run(connection -> transaction(connection, work));
  }

  /** Runs reading statements that all see the database at one moment. */
  <T> T inSnapshot(Work<T> work) {
    return inTransaction(
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
          }
          return work.run(connection);
        });
  }

  /**
   * Lets a statement that reads much hand out its rows in binary form, so many at a time. Without
   * that the driver asks for text when it meets a statement for the first time, and bytes travel as
   * hexadecimal digits.
   */
  static void stream(PreparedStatement select, int rowsAtOnce) throws SQLException {
    select.unwrap(PGStatement.class).setPrepareThreshold(-1);
    select.setFetchSize(rowsAtOnce);
  }

  /**
   * Why the database cannot be used; null when it answers and keeps what it confirms. Asked again
   * and again, as settings of a running server can be changed.
   */
  public String weakness() {
    try {
      return run(Database::weakness);
    } catch (DatabaseException e) {
      return "the database does not answer";
    }
  }

  /** Which database it is, wherever it moves. It must have the form of this version. */
  public UUID id() {
    return run(
        connection -> {
          try (Statement select = connection.createStatement();
              ResultSet rows = select.executeQuery("SELECT database_id FROM cluster")) {
            rows.next();
            return rows.getObject(1, UUID.class);
          }
        });
  }

  @Override
  public void close() {
    pool.close();
  }

  private static <T> T transaction(Connection connection, Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    boolean done = false;
    try {
      T result = work.run(connection);
      connection.commit();
      done = true;
      return result;
    } finally {
      if (!done) {
        rollback(connection);
      }
      connection.setAutoCommit(true);
    }
  }

  /**
   * A connection that cannot even roll back is broken: the pool finds out, and the first error is
   * the one that matters.
   */
  private static void rollback(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException ignored) {
      // see above
    }
  }

  private static String weakness(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name, setting FROM pg_settings WHERE name IN ('fsync',"
                    + " 'synchronous_commit', 'full_page_writes', 'server_version_num')")) {
      while (rows.next()) {
        String name = rows.getString(1);
        String value = rows.getString(2);
        if (value.equals("off") || value.equals("local")) {
          return "the database runs with "
              + name
              + " = "
              + value
              + ", so a crash would lose what it confirmed: set it on";
        }
        if (name.equals("server_version_num") && Integer.parseInt(value) < OLDEST_VERSION) {
          return "the database is older than PostgreSQL 14";
        }
      }
      return null;
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse(root.toString());
  }
}
