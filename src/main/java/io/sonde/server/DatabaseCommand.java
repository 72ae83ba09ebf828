package io.sonde.server;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.store.DataDirectory;
import io.sonde.store.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sonde database}: the embedded PostgreSQL alone, for several nodes on this machine. */
@Command(
    name = "database",
    description = {
      "Runs the embedded PostgreSQL alone until Ctrl-C or SIGTERM, for several nodes on this machine.",
      "What they need to reach it is written to database.conf in the data directory."
    },
    mixinStandardHelpOptions = true)
final class DatabaseCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseCommand.class);
  private static final int LAST_PORT = 65_535;

  @Mixin private ConfigOptions options;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "25432",
      description = "where it listens, on 127.0.0.1; 0 takes a free one (${DEFAULT-VALUE})")
  private int port;

  @Override
  public Integer call() throws InterruptedException {
    if (port < 0 || port > LAST_PORT) {
      throw new ConfigException("--port", Integer.toString(port), "a port from 0 to " + LAST_PORT);
    }
    Path path =
        Path.of(
            ConfigSection.of(options.load().getConfig("sonde"), "sonde")
                .text("data-dir", "a path"));
    DataDirectory directory = DataDirectory.open(path);
    EmbeddedPostgres postgres = EmbeddedPostgres.start(directory, port);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  postgres.stop();
                  directory.close();
                  stopped.countDown();
                },
                "stop"));
    Path described = directory.path().resolve("database.conf");
    postgres.describe(described);
    LOG.info("ready: {}, see {}", postgres.url(), described);
    stopped.await();
    return 0;
  }
}
