package io.sonde.server;

import io.sonde.model.ConfigException;
import io.sonde.store.DataDirectory;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import io.sonde.store.Migrations;
import io.sonde.store.NodeStore;
import io.sonde.store.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** The database that a read model is rebuilt into, with its tables; no node runs on it. */
final class ReplayTarget implements AutoCloseable {
  private static final String EMBEDDED = "embedded";
  private static final Duration STOPPED = Duration.ofSeconds(10);

  private final Thread whenKilled = new Thread(this::stop, "stop-target");
  private DatabaseSettings settings;
  private DataDirectory directory;
  private EmbeddedPostgres postgres;
  private boolean isTemporary;

  private ReplayTarget() {}

  /**
   * Opens it.
   *
   * @param into a JDBC URL, or {@code embedded}
   * @param data where the embedded one is; null for one that is deleted afterwards
   * @param source the role and the password are the source's, where the URL names none
   * @throws StartupException when it cannot be used
   */
  static ReplayTarget open(String into, Path data, DatabaseSettings source) {
    ReplayTarget target = new ReplayTarget();
    try {
      if (into.equals(EMBEDDED)) {
        target.start(data, source);
      } else if (into.startsWith("jdbc:postgresql:") && data == null) {
        target.settings = source.at(into, source.user(), source.password());
      } else if (data != null) {
        throw new ConfigException("--data", data.toString(), "only beside --into embedded");
      } else {
        throw new ConfigException(
            "--into", into, "'embedded' or a URL that begins jdbc:postgresql:");
      }
      Migrations.run(target.settings);
      requireNoNode(target.settings);
      return target;
    } catch (RuntimeException e) {
      target.close();
      throw e;
    }
  }

  private void start(Path data, DatabaseSettings source) {
    try {
      isTemporary = data == null;
      directory =
          DataDirectory.open(data == null ? Files.createTempDirectory("sonde-replay-") : data);
    } catch (IOException e) {
      throw new StartupException("a temporary directory cannot be made: " + e, e);
    }
    Runtime.getRuntime().addShutdownHook(whenKilled);
    postgres = EmbeddedPostgres.start(directory);
    settings = source.at(postgres.url(), postgres.user(), postgres.password());
  }

  private static void requireNoNode(DatabaseSettings at) {
    try (NodeStore nodes = NodeStore.open(at)) {
      for (NodeStore.Row node : nodes.read().rows()) {
        if (node.age().compareTo(STOPPED) < 0) {
          throw new StartupException(
              "a node at " + node.address() + " uses the database to rebuild into: stop it first");
        }
      }
    }
  }

  DatabaseSettings settings() {
    return settings;
  }

  @Override
  public void close() {
    if (directory != null) {
      Runtime.getRuntime().removeShutdownHook(whenKilled);
      stop();
    }
  }

  private synchronized void stop() {
    if (postgres != null) {
      postgres.stop();
    }
    directory.close();
    if (isTemporary) {
      delete(directory.path());
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the temporary directory " + folder + " stays", e);
    }
  }
}
