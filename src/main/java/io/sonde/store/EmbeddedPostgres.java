package io.sonde.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of our own under the data directory, for nodes that are given none. It
 * flushes every commit to the disk, listens on the loopback interface only, on a port that changes
 * with each start, and lets nobody in without the generated password.
 *
 * <p>It is a process in a session of its own, and outlives a JVM that is killed. {@link #start}
 * finds such a server and ends it in order before it starts afresh, instead of attaching to it: the
 * old one may still be committing what the dead JVM sent last, runs with the settings and perhaps
 * the version of then, and a fast shutdown takes some 50 ms, and a start no longer.
 */
public final class EmbeddedPostgres {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final String DATABASE = "sonde";
  private static final String NO_SUCH_DATABASE = "3D000";
  private static final Duration RETRY = Duration.ofSeconds(30);
  private static final Duration REMIND = Duration.ofSeconds(10);
  private static final int POLL_MILLIS = 20;

  private final Postmaster postmaster;
  private final int port;
  private final String password;

  private EmbeddedPostgres(Postmaster postmaster, int port, String password) {
    this.postmaster = postmaster;
    this.port = port;
    this.password = password;
  }

  /**
   * Starts the server, with the database, and sets up or recovers what it needs; returns when it
   * takes connections.
   *
   * @param directory must stay open until {@link #stop}
   * @throws StartupException if it cannot be started
   */
  public static EmbeddedPostgres start(DataDirectory directory) {
    Path home = directory.path();
    try {
      PostgresCluster cluster = PostgresCluster.in(home);
      endPredecessor(cluster);
      cluster.log().rotate();
      PostgresBinaries binaries = PostgresBinaries.unpackInto(cluster.home());
      binaries.deleteOthers();
      cluster.initialize(binaries);
      EmbeddedPostgres server = launch(cluster, binaries);
      try {
        server.createDatabase();
      } catch (SQLException e) {
        server.stop();
        throw new StartupException(
            "the embedded PostgreSQL in " + home + " cannot be used: " + e.getMessage(), e);
      }
      return server;
    } catch (IOException e) {
      throw new StartupException("the embedded PostgreSQL in " + home + " cannot start: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while the embedded PostgreSQL started", e);
    }
  }

  /** For JDBC. */
  public String url() {
    return url(DATABASE);
  }

  /** The superuser's name. */
  public String user() {
    return PostgresCluster.USER;
  }

  /** The user's password: generated with the data, and kept beside it. */
  public String password() {
    return password;
  }

  /** The id of the server's first process. */
  public long pid() {
    return postmaster.pid();
  }

  /**
   * Ends the server in order and waits for it; idempotent. Open connections are cut, so whoever
   * writes must have finished.
   */
  public synchronized void stop() {
    try {
      postmaster.stop();
    } catch (IOException e) {
      throw new IllegalStateException("the embedded PostgreSQL cannot be stopped", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void endPredecessor(PostgresCluster cluster)
      throws IOException, InterruptedException {
    Optional<Postmaster> predecessor = Postmaster.running(cluster.data());
    if (predecessor.isPresent()) {
      LOG.info("ending the PostgreSQL that a killed server left: pid={}", predecessor.get().pid());
      predecessor.get().stop();
    }
    Postmaster.forgetStranger(cluster.data());
  }

  private static EmbeddedPostgres launch(PostgresCluster cluster, PostgresBinaries binaries)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (true) {
      cluster.configure(freePort());
      long before = cluster.log().size();
      Process process =
          PostgresCommand.of(binaries.program("postgres"))
              .with("-D", cluster.data().toString())
              .inOwnSession()
              .start(cluster.log());
      Postmaster postmaster = new Postmaster(process.pid(), cluster.data());
      Optional<Integer> port = awaitReady(process, postmaster);
      if (port.isPresent()) {
        return new EmbeddedPostgres(postmaster, port.get(), cluster.password());
      }
      String reason = cluster.log().reasonSince(before);
      if (!passes(reason) || System.nanoTime() - begin > RETRY.toNanos()) {
        throw new StartupException("the embedded PostgreSQL cannot start: " + reason);
      }
      Thread.sleep(POLL_MILLIS);
      endPredecessor(cluster);
    }
  }

  /**
   * Whether the next attempt may succeed: children of a killed server are about to notice; a server
   * that a killed JVM had just started came first; somebody took the port that was free a moment
   * ago.
   */
  private static boolean passes(String reason) {
    return Stream.of(
            "pre-existing shared memory block",
            "lock file \"postmaster.pid\" already exists",
            "could not create any TCP/IP sockets")
        .anyMatch(reason::startsWith);
  }

  /**
   * Waits for as long as the process lives, since recovery after a crash takes its time.
   *
   * @return the port, or nothing if the process ended
   */
  private static Optional<Integer> awaitReady(Process process, Postmaster postmaster)
      throws IOException, InterruptedException {
    long reminded = System.nanoTime();
    while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      Optional<Integer> port = postmaster.readyPort();
      if (port.isPresent()) {
        return port;
      }
      if (System.nanoTime() - reminded > REMIND.toNanos()) {
        reminded = System.nanoTime();
        LOG.info("waiting for PostgreSQL, which is still recovering: pid={}", process.pid());
      }
    }
    return Optional.empty();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(LOOPBACK))) {
      return socket.getLocalPort();
    }
  }

  private void createDatabase() throws SQLException {
    try {
      connect(DATABASE).close();
    } catch (SQLException e) {
      if (!NO_SUCH_DATABASE.equals(e.getSQLState())) {
        throw e;
      }
      // One statement, whole or not at all; the next start repeats it if this one is killed.
      try (Connection connection = connect("postgres");
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE DATABASE " + DATABASE);
      }
    }
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(url(database), user(), password);
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }
}
