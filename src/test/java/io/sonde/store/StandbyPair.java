package io.sonde.store;

import io.sonde.server.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Two PostgreSQL servers: a primary, and a standby that it replicates to before it confirms. */
final class StandbyPair implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private record Server(PostgresCluster cluster, Process process, int port) {}

  private final PostgresBinaries binaries;
  private final String password;
  private final Server primary;
  private final Server standby;
  private final Thread whenTestsEnd = new Thread(this::end, "end-postgres");

  /** Starts both in an empty folder, with a database. */
  static StandbyPair start(Path folder) throws Exception {
    return new StandbyPair(folder);
  }

  private StandbyPair(Path folder) throws Exception {
    PostgresCluster first = PostgresCluster.in(Files.createDirectory(folder.resolve("first")));
    PostgresCluster second = PostgresCluster.in(Files.createDirectory(folder.resolve("second")));
    binaries = PostgresBinaries.unpackInto(first.home());
    first.initialize(binaries);
    password = first.password();
    // Nothing was written yet, so a copy is as good as a base backup.
    copy(first.data(), second.data());
    int port = freePort();
    primary = launch(first, port);
    append(
        second,
        // No fewer than initdb noted.
        "max_connections = 100%nprimary_conninfo = 'host=127.0.0.1 port=%d user=%s password=%s application_name=standby'%n"
            .formatted(port, PostgresCluster.USER, password));
    Files.createFile(second.data().resolve("standby.signal"));
    Runtime.getRuntime().addShutdownHook(whenTestsEnd);
    standby = launch(second, freePort());
    awaitAnswer(primary, "SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'");
    execute(primary, "CREATE DATABASE sonde");
    execute(primary, "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
    execute(primary, "SELECT pg_reload_conf()");
    awaitAnswer(primary, "SELECT sync_state = 'sync' FROM pg_stat_replication");
  }

  /** A URL that names both, as an operator would write it. */
  DatabaseSettings settings() {
    return new DatabaseSettings(
        "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/sonde?targetServerType=primary"
            .formatted(primary.port(), standby.port()),
        PostgresCluster.USER,
        password,
        8,
        Duration.ofSeconds(5));
  }

  /** Kills all processes of the primary at once. */
  void crash() {
    List<ProcessHandle> family =
        Stream.concat(primary.process().descendants(), Stream.of(primary.process().toHandle()))
            .toList();
    // The first process last: it would end the others in order.
    ProcessHandle first = family.get(family.size() - 1);
    first.destroyForcibly();
    family.forEach(ProcessHandle::destroyForcibly);
    Wait.until(
        LIMIT, "the end of the primary", () -> family.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** Makes the standby the primary; returns when it takes writes. */
  void promote() throws SQLException {
    execute(standby, "SELECT pg_promote()");
    awaitAnswer(standby, "SELECT NOT pg_is_in_recovery()");
    // There is nobody left to wait for.
    execute(standby, "ALTER SYSTEM RESET synchronous_standby_names");
  }

  private Server launch(PostgresCluster cluster, int port) throws Exception {
    cluster.configure(port);
    Process process =
        PostgresCommand.of(binaries.program("postgres"))
            .with("-D", cluster.data().toString())
            .inOwnSession()
            .start(cluster.log());
    Server server = new Server(cluster, process, port);
    awaitAnswer(server, "SELECT true");
    return server;
  }

  private void awaitAnswer(Server server, String question) {
    Wait.until(
        LIMIT,
        question,
        () -> {
          try (Connection connection = connect(server);
              Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery(question)) {
            return rows.next() && rows.getBoolean(1);
          } catch (SQLException e) {
            return false;
          }
        });
  }

  private void execute(Server server, String sql) throws SQLException {
    try (Connection connection = connect(server);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Connection connect(Server server) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres",
        PostgresCluster.USER,
        password);
  }

  private static void append(PostgresCluster cluster, String settings) throws IOException {
    Path file = cluster.data().resolve("postgresql.auto.conf");
    Files.writeString(file, Files.readString(file) + settings);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path one : all.toList()) {
        Files.copy(
            one,
            to.resolve(from.relativize(one).toString()),
            java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void end() {
    for (Server server : new Server[] {primary, standby}) {
      if (server != null) {
        try {
          new Postmaster(server.process().pid(), server.cluster().data()).stop();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(whenTestsEnd);
    end();
  }
}
