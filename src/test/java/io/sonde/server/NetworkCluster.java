package io.sonde.server;

import io.sonde.server.TestNetwork.Host;
import io.sonde.store.DataDirectory;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Three nodes, each on a host of a {@link TestNetwork}, and one PostgreSQL that they reach over
 * that network; a fourth node may come.
 */
final class NetworkCluster implements AutoCloseable {
  static final int COUNT = 3;
  private static final int HTTP_PORT = 8777;
  private static final int CLUSTER_PORT = 25520;
  private static final Duration RESTARTED = Duration.ofSeconds(60);

  private final SondeProcesses sondes;
  private final TestNetwork network;
  private final Path folder;
  private final Thread whenTestsEnd = new Thread(this::endPostgres, "end-postgres");
  private final List<Node> nodes = new ArrayList<>();
  private DataDirectory directory;
  private EmbeddedPostgres postgres;

  /** A node and where it is. */
  record Node(Host host, SondeProcess process) {
    /** Where it listens when it runs. */
    URI base() {
      return URI.create("http://" + host.address() + ":" + HTTP_PORT + "/");
    }

    @Override
    public String toString() {
      return process.toString();
    }
  }

  /**
   * Starts three nodes with further settings, {@code PATH=VALUE}, and waits until all are ready.
   */
  static NetworkCluster start(SondeProcesses sondes, TestNetwork network, List<String> settings)
      throws IOException, SQLException {
    NetworkCluster cluster = new NetworkCluster(sondes, network);
    try {
      cluster.startPostgres();
      cluster.startNodes(settings);
      return cluster;
    } catch (IOException | SQLException | RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private NetworkCluster(SondeProcesses sondes, TestNetwork network) {
    this.sondes = sondes;
    this.network = network;
    this.folder = sondes.directory().resolve("shared");
    Runtime.getRuntime().addShutdownHook(whenTestsEnd);
  }

  /** Has it listen on the network too, and let users in from there. */
  private void startPostgres() throws IOException, SQLException {
    directory = DataDirectory.open(folder);
    postgres = EmbeddedPostgres.start(directory);
    TestPostgres.execute(
        database(),
        "ALTER SYSTEM SET listen_addresses = '127.0.0.1," + network.databaseAddress() + "'");
    Files.writeString(
        folder.resolve("postgresql/data/pg_hba.conf"),
        "host all all " + network.addresses() + " scram-sha-256\n",
        StandardOpenOption.APPEND);
    restartPostgres("INT");
  }

  private void startNodes(List<String> settings) {
    List<Host> hosts = network.hosts();
    String seeds =
        hosts.subList(0, COUNT).stream()
            .map(host -> "\"" + host.address() + ":" + CLUSTER_PORT + "\"")
            .collect(Collectors.joining(",", "[", "]"));
    for (Host host : hosts) {
      List<String> all = new ArrayList<>(settings);
      all.addAll(
          List.of(
              "sonde.http.host=\"" + host.address() + "\"",
              "sonde.http.port=" + HTTP_PORT,
              "sonde.cluster.host=\"" + host.address() + "\"",
              "sonde.cluster.port=" + CLUSTER_PORT,
              "sonde.cluster.seed-nodes=" + seeds,
              // Two a node.
              "sonde.collector.collectors=6",
              // So that faults meet flushes, too.
              "sonde.collector.flush-interval=5s",
              "sonde.database.url=\"" + urlOnNetwork() + "\"",
              "sonde.database.user=\"" + postgres.user() + "\"",
              "sonde.database.password=\"" + postgres.password() + "\""));
      List<String> options = new ArrayList<>();
      all.forEach(setting -> options.addAll(List.of("--set", setting)));
      nodes.add(
          new Node(
              host,
              sondes.serverBy(
                  host.runner(), "node" + (host.number() + 1), options.toArray(String[]::new))));
    }
    members().forEach(node -> node.process().launch());
    members().forEach(node -> node.process().awaitReady());
  }

  private String urlOnNetwork() {
    return postgres.url().replace("127.0.0.1", network.databaseAddress());
  }

  /** The three that are there from the beginning. */
  List<Node> members() {
    return nodes.subList(0, COUNT);
  }

  /** One more, which does not run at first. */
  Node spare() {
    return nodes.get(COUNT);
  }

  /** The tables that they share. */
  StoredRows rows() {
    return new StoredRows(database());
  }

  private DatabaseSettings database() {
    return new DatabaseSettings(
        postgres.url(), postgres.user(), postgres.password(), 2, Duration.ofSeconds(5));
  }

  /**
   * Has PostgreSQL end and start again; returns when it takes connections.
   *
   * @param signal INT to end fast, QUIT to end at once
   */
  void restartPostgres(String signal) {
    long former = postgres.pid();
    ProcessHandle.of(former).ifPresent(process -> Signals.send(signal, List.of(process)));
    Wait.until(
        RESTARTED,
        "a PostgreSQL that was started again",
        () -> postgres.pid() != former && LeftPostgres.isReady(folder));
  }

  /** Whether a node, which stands still, has a transaction open that has written. */
  boolean isInTransaction(Node node) throws SQLException {
    return TestPostgres.number(
            database(),
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                + (" AND backend_xid IS NOT NULL AND client_addr = '" + node.host().address())
                + "'")
        > 0;
  }

  /** What the sessions of nodes are doing that do anything, a line each. */
  List<String> sessions() throws SQLException {
    List<String> lines = new ArrayList<>();
    try (Connection connection = TestPostgres.connect(database());
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT client_addr, pid, state, wait_event_type, wait_event,
                    pg_blocking_pids(pid)::text, date_trunc('seconds', now() - state_change),
                    left(query, 100)
                FROM pg_stat_activity
                WHERE client_addr IS NOT NULL AND state <> 'idle' AND pid <> pg_backend_pid()
                """)) {
      while (rows.next()) {
        StringBuilder line = new StringBuilder();
        for (int column = 1; column <= 8; column++) {
          line.append(' ').append(rows.getString(column));
        }
        lines.add(line.toString());
      }
    }
    return lines;
  }

  /** How many sessions of nodes there are. */
  long sessionCount() throws SQLException {
    return TestPostgres.number(
        database(), "SELECT count(*) FROM pg_stat_activity WHERE client_addr IS NOT NULL");
  }

  @Override
  public void close() {
    // Servers first: a database that vanishes under them would fill their logs.
    sondes.endServers();
    endPostgres();
    if (directory != null) {
      directory.close();
    }
    Runtime.getRuntime().removeShutdownHook(whenTestsEnd);
  }

  private void endPostgres() {
    if (postgres != null) {
      postgres.stop();
    }
    LeftPostgres.end(folder);
  }
}
