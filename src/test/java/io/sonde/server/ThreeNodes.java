package io.sonde.server;

import io.sonde.store.DataDirectory;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Three nodes with one PostgreSQL, started with the overlays in {@code cluster/}. */
final class ThreeNodes implements AutoCloseable {
  static final int COUNT = 3;

  private final SondeProcesses sondes;
  private final Path folder;
  private final Thread whenTestsEnd = new Thread(this::endPostgres, "end-postgres");
  private DataDirectory directory;
  private EmbeddedPostgres postgres;
  private String seeds;
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
    return new StoredRows(settings());
  }

  private DatabaseSettings settings() {
    return new DatabaseSettings(
        postgres.url(), postgres.user(), postgres.password(), 2, Duration.ofSeconds(5));
  }

  /** A further server on their database, of no overlay; nothing runs yet. */
  SondeProcess another(String name, String... settings) {
    return sondes.server(name, options(settings));
  }

  /** A JDBC URL of another database on their server. */
  String newDatabase() throws SQLException {
    TestPostgres.execute(settings(), "CREATE DATABASE another");
    return postgres.url().replaceFirst("/sonde", "/another");
  }

  private void start(List<String> roles, String... more) {
    directory = DataDirectory.open(folder);
    postgres = EmbeddedPostgres.start(directory);
    List<Integer> ports = SondeProcesses.freePorts(COUNT);
    seeds =
        ports.stream()
            .map(port -> "\"127.0.0.1:" + port + "\"")
            .collect(Collectors.joining(",", "[", "]"));
    Path overlays = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("cluster");
    for (int i = 0; i < COUNT; i++) {
      String name = "node" + (i + 1);
      List<String> options =
          new ArrayList<>(List.of("--config", overlays.resolve(name + ".conf").toString()));
      Collections.addAll(
          options,
          options(
              Stream.concat(
                      Stream.of(
                          "sonde.cluster.port=" + ports.get(i),
                          "sonde.cluster.seed-nodes=" + seeds,
                          "sonde.cluster.roles=" + roles.get(i)),
                      Stream.of(more))
                  .toArray(String[]::new)));
      nodes.add(sondes.server(name, options.toArray(String[]::new)).launch());
    }
    nodes.forEach(SondeProcess::awaitReady);
  }

  /** Their seed nodes, in HOCON. */
  String seeds() {
    return seeds;
  }

  private String[] options(String... settings) {
    return Stream.concat(
            Stream.of(
                "sonde.http.port=0",
                "sonde.polling.sources=[]",
                "sonde.database.url=\"" + postgres.url() + "\"",
                "sonde.database.user=\"" + postgres.user() + "\"",
                "sonde.database.password=\"" + postgres.password() + "\""),
            Stream.of(settings))
        .flatMap(setting -> Stream.of("--set", setting))
        .toArray(String[]::new);
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
