package io.sonde.server;

import io.sonde.store.DataDirectory;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import io.sonde.store.Migrations;
import io.sonde.store.StartupException;
import java.nio.file.Files;
import java.util.Optional;

/**
 * The database of a command that is no server: the one that is configured, or the embedded one,
 * which is started for the command where no server runs it.
 */
final class CommandDatabase implements AutoCloseable {
  private final DatabaseSettings settings;
  private final DataDirectory directory;
  private final EmbeddedPostgres started;

  private CommandDatabase(
      DatabaseSettings settings, DataDirectory directory, EmbeddedPostgres started) {
    this.settings = settings;
    this.directory = directory;
    this.started = started;
  }

  /**
   * Finds it, or starts it; brings it to the form of this version.
   *
   * @throws StartupException when there is none, or it cannot be reached
   */
  static CommandDatabase open(NodeSettings node) {
    CommandDatabase database = find(node);
    try {
      Migrations.run(database.settings);
      return database;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static CommandDatabase find(NodeSettings node) {
    if (!node.database().isEmbedded()) {
      return new CommandDatabase(node.database(), null, null);
    }
    if (!Files.isDirectory(node.dataDir())) {
      throw new StartupException("there is no data directory " + node.dataDir().toAbsolutePath());
    }
    // Of a server that was killed it may run too; it is as good, and the next server ends it.
    Optional<DatabaseSettings> running = EmbeddedPostgres.running(node.dataDir(), node.database());
    if (running.isPresent()) {
      return new CommandDatabase(running.get(), null, null);
    }
    DataDirectory directory = DataDirectory.open(node.dataDir());
    try {
      EmbeddedPostgres postgres = EmbeddedPostgres.start(directory);
      return new CommandDatabase(
          node.database().at(postgres.url(), postgres.user(), postgres.password()),
          directory,
          postgres);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** Where it is. */
  DatabaseSettings settings() {
    return settings;
  }

  @Override
  public void close() {
    if (started != null) {
      started.stop();
      directory.close();
    }
  }
}
