package io.sonde.server;

import io.sonde.store.DataDirectory;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Three nodes with one PostgreSQL, started with the overlays in {@code cluster/}. */
final class ThreeNodes implements AutoCloseable {
  static final int COUNT = 3;

  private final SondeProcesses sondes;
  private final Path folder;
  private final Thread whenTestsEnd = new Thread(this::endPostgres, "end-postgres");
  private DataDirectory directory;
  private EmbeddedPostgres postgres;
  private final List<SondeProcess> nodes = new ArrayList<>();

  /** Starts them with further settings, {@code PATH=VALUE}, and waits until each is ready. */
  static ThreeNodes start(SondeProcesses sondes, String... settings) {
    return withRoles(sondes, List.of("[]", "[]", "[]"), settings);
  }

  /** As {@link #start}, each with its own {@code sonde.cluster.roles}. */
  static ThreeNodes withRoles(SondeProcesses sondes, List<String> roles, String... settings) {
    ThreeNodes all = new ThreeNodes(sondes);
    try {
      all.start(roles, settings);
      return all;
    } catch (RuntimeException | Error e) {
      all.close();
      throw e;
    }
  }

  private ThreeNodes(SondeProcesses sondes) {
    this.sondes = sondes;
    this.folder = sondes.directory().resolve("shared");
    // A run that is broken off leaves no database behind.
    Runtime.getRuntime().addShutdownHook(whenTestsEnd);
  }

  /** In the order of their names. */
  List<SondeProcess> nodes() {
    return List.copyOf(nodes);
  }

  /** The tables that they share. */
  StoredRows rows() {
    return new StoredRows(
        new DatabaseSettings(
            postgres.url(), postgres.user(), postgres.password(), 2, Duration.ofSeconds(5)));
  }

  private void start(List<String> roles, String... more) {
    directory = DataDirectory.open(folder);
    postgres = EmbeddedPostgres.start(directory);
    List<Integer> ports = SondeProcesses.freePorts(COUNT);
    String seeds =
        ("[\"127.0.0.1:" + ports.get(0) + "\",\"127.0.0.1:" + ports.get(1))
            + ("\",\"127.0.0.1:" + ports.get(2) + "\"]");
    Path overlays = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("cluster");
    for (int i = 0; i < COUNT; i++) {
      String name = "node" + (i + 1);
      List<String> options = new ArrayList<>();
      options.addAll(List.of("--config", overlays.resolve(name + ".conf").toString()));
      for (String setting :
          List.of(
              "sonde.http.port=0",
              "sonde.polling.sources=[]",
              "sonde.cluster.port=" + ports.get(i),
              "sonde.cluster.seed-nodes=" + seeds,
              "sonde.cluster.roles=" + roles.get(i),
              "sonde.database.url=\"" + postgres.url() + "\"",
              "sonde.database.user=\"" + postgres.user() + "\"",
              "sonde.database.password=\"" + postgres.password() + "\"")) {
        options.addAll(List.of("--set", setting));
      }
      for (String setting : more) {
        options.addAll(List.of("--set", setting));
      }
      nodes.add(sondes.server(name, options.toArray(String[]::new)).launch());
    }
    nodes.forEach(SondeProcess::awaitReady);
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

  /** However far the start came. */
  private void endPostgres() {
    if (postgres != null) {
      postgres.stop();
    }
    LeftPostgres.end(folder);
  }
}
