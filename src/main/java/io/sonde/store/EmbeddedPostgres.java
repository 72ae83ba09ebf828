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
 * with each start unless one is asked for, and lets nobody in without the generated password. Until
 * {@link #stop} it is kept running: should it end by itself, be killed or find its disk full, it is
 * started again at the same port, as often as it takes.
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
  private static final int ANY_FREE = 0;
  private static final int POLL_MILLIS = 20;
  private static final int AGAIN_MILLIS = 1_000;

  private final PostgresCluster cluster;
  private final PostgresBinaries binaries;
  private final int port;
  private final String password;
  private final Thread keeper = new Thread(this::keepRunning, "keep-postgresql");
  private volatile Process process;

  private EmbeddedPostgres(PostgresCluster cluster, PostgresBinaries binaries, Running first)
      throws IOException {
    this.cluster = cluster;
    this.binaries = binaries;
    this.process = first.process();
    this.port = first.port();
    this.password = cluster.password();
  }

  /** A server that takes connections. */
  private record Running(Process process, int port) {}

  /**
   * Starts the server, with the database, and sets up or recovers what it needs; returns when it
   * takes connections.
   *
   * @param directory must stay open until {@link #stop}
   * @throws StartupException if it cannot be started
   */
  public static EmbeddedPostgres start(DataDirectory directory) {
    return start(directory, ANY_FREE);
  }

  /**
   * As {@link #start(DataDirectory)}, at a port of one's own.
   *
   * @param port on the loopback interface; 0 takes a free one
   */
  public static EmbeddedPostgres start(DataDirectory directory, int port) {
    try {
      PostgresCluster cluster = PostgresCluster.in(directory.path());
      endPredecessor(cluster);
      cluster.log().rotate();
      PostgresBinaries binaries = PostgresBinaries.unpackInto(cluster.home());
      binaries.deleteOthers();
      cluster.initialize(binaries);
      cluster.configure(port);
      EmbeddedPostgres server =
          new EmbeddedPostgres(cluster, binaries, launch(cluster, binaries, port));
      server.keeper.setDaemon(true);
      server.keeper.start();
      try {
        server.createDatabase();
      } catch (SQLException e) {
        server.stop();
        throw new StartupException(
            "the embedded PostgreSQL in " + directory.path() + " cannot be used: " + e.getMessage(),
            e);
      }
      return server;
    } catch (IOException e) {
      throw new StartupException(
          "the embedded PostgreSQL in " + directory.path() + " cannot start: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while the embedded PostgreSQL started", e);
    }
  }

  /**
   * The settings for a server that another process runs in a data directory and that takes
   * connections.
   *
   * @param settings all but its place
   */
  public static Optional<DatabaseSettings> running(Path directory, DatabaseSettings settings) {
    PostgresCluster cluster = new PostgresCluster(PostgresCluster.home(directory));
    try {
      Optional<Postmaster> server = Postmaster.running(cluster.data());
      Optional<Integer> port = server.isPresent() ? server.get().readyPort() : Optional.empty();
      return port.isPresent()
          ? Optional.of(
              settings.at(url(DATABASE, port.get()), PostgresCluster.USER, cluster.password()))
          : Optional.empty();
    } catch (IOException e) {
      throw new StartupException(
          "the PostgreSQL that runs in " + directory + " cannot be used: " + e, e);
    }
  }

  /** For JDBC. */
  public String url() {
    return url(DATABASE, port);
  }

  /** The superuser's name. */
  public String user() {
    return PostgresCluster.USER;
  }

  /** The user's password: generated with the data, and kept beside it. */
  public String password() {
    return password;
  }

  /**
   * Writes a configuration for nodes of other processes, which only the owner of the file can read.
   */
  public void describe(Path file) {
    try {
      DurableFiles.writePrivate(
          file,
          "sonde.database { url = \"%s\", user = \"%s\", password = \"%s\" }%n"
              .formatted(url(), user(), password()));
    } catch (IOException e) {
      throw new StartupException(file + " cannot be written: " + e, e);
    }
  }

  /** The id of the server's first process; another one after it was started again. */
  public long pid() {
    return process.pid();
  }

  /**
   * Ends the server in order and waits for it; idempotent. Open connections are cut, so whoever
   * writes must have finished.
   */
  public synchronized void stop() {
    try {
      keeper.interrupt();
      keeper.join();
      new Postmaster(process.pid(), cluster.data()).stop();
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

  /** Until it is interrupted. */
  private void keepRunning() {
    try {
      while (true) {
        int code = process.waitFor();
        LOG.error("PostgreSQL ended by itself, starting it again: pid={} exit={}", pid(), code);
        process = startAgain();
        LOG.info("PostgreSQL runs again: pid={}", pid());
      }
    } catch (InterruptedException e) {
      // By stop, which sees to whatever runs.
    }
  }

  /** Tries until it runs; a disk that is full now may have room later. */
  private Process startAgain() throws InterruptedException {
    String told = "";
    while (true) {
      try {
        endPredecessor(cluster);
        cluster.log().rotate();
        return launch(cluster, binaries, port).process();
      } catch (IOException | RuntimeException e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(told)) {
          LOG.error("trying again and again: {}", reason);
          told = reason;
        }
      }
      Thread.sleep(AGAIN_MILLIS);
    }
  }

  /**
   * Starts the process and waits until it takes connections.
   *
   * @param wanted port, the one that it was configured for; or {@link #ANY_FREE}
   */
  private static Running launch(PostgresCluster cluster, PostgresBinaries binaries, int wanted)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (true) {
      if (wanted == ANY_FREE) {
        cluster.configure(freePort());
      }
      long before = cluster.log().size();
      Process process =
          PostgresCommand.of(binaries.program("postgres"))
              .with("-D", cluster.data().toString())
              .inOwnSession()
              .start(cluster.log());
      Optional<Integer> port = awaitReady(process, new Postmaster(process.pid(), cluster.data()));
      if (port.isPresent()) {
        return new Running(process, port.get());
      }
      String reason = cluster.log().reasonSince(before);
      if (!passes(reason, wanted) || System.nanoTime() - begin > RETRY.toNanos()) {
        String at = wanted == ANY_FREE ? "" : " at port " + wanted;
        throw new StartupException("the embedded PostgreSQL cannot start" + at + ": " + reason);
      }
      Thread.sleep(POLL_MILLIS);
      endPredecessor(cluster);
    }
  }

  /**
   * Whether the next attempt may succeed: children of a killed server are about to notice; a server
   * that a killed JVM had just started came first; somebody took the port that was free a moment
   * ago, and another will do.
   */
  private static boolean passes(String reason, int wanted) {
    return Stream.of(
                "pre-existing shared memory block", "lock file \"postmaster.pid\" already exists")
            .anyMatch(reason::startsWith)
        || (wanted == ANY_FREE && reason.startsWith("could not create any TCP/IP sockets"));
  }

  /**
   * Waits for as long as the process lives, since recovery after a crash takes its time.
   *
   * @return the port, or nothing if the process ended
   */
  private static Optional<Integer> awaitReady(Process process, Postmaster postmaster)
      throws IOException, InterruptedException {
    long reminded = System.nanoTime();
    try {
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
    } catch (InterruptedException e) {
      // The program that is about to become PostgreSQL, or PostgreSQL itself.
      process.destroy();
      postmaster.stop();
      throw e;
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
    return DriverManager.getConnection(url(database, port), user(), password);
  }

  private static String url(String database, int port) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }
}
