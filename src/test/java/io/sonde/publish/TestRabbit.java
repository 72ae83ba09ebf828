package io.sonde.publish;

import io.sonde.server.Wait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/** A RabbitMQ as Debian packs it, with its own data, ports and port mapper. */
public final class TestRabbit implements AutoCloseable {
  private static final Path HOME = Path.of("/usr/lib/rabbitmq/lib");
  private static final Duration SOON = Duration.ofSeconds(90);

  private final int port = ServerProcess.freePort();
  private final ServerProcess mapper;
  private final ServerProcess rabbit;

  /** Starts one. */
  public TestRabbit(Path folder) throws IOException {
    Files.writeString(folder.resolve("plugins"), "[].\n");
    String mapperPort = String.valueOf(ServerProcess.freePort());
    mapper =
        new ServerProcess(
                folder.resolve("mapper.log"),
                Map.of(),
                "epmd",
                "-address",
                "127.0.0.1",
                "-port",
                mapperPort)
            .start();
    rabbit =
        new ServerProcess(
            folder.resolve("log"),
            Map.ofEntries(
                Map.entry("HOME", folder.toString()),
                Map.entry("ERL_EPMD_PORT", mapperPort),
                Map.entry("RABBITMQ_NODENAME", "sonde" + port + "@localhost"),
                Map.entry("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
                Map.entry("RABBITMQ_NODE_PORT", String.valueOf(port)),
                Map.entry("RABBITMQ_DIST_PORT", String.valueOf(ServerProcess.freePort())),
                Map.entry("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString()),
                Map.entry("RABBITMQ_PID_FILE", folder.resolve("pid").toString()),
                Map.entry("RABBITMQ_LOGS", "-"),
                Map.entry("RABBITMQ_CONFIG_FILE", folder.resolve("none").toString()),
                Map.entry("RABBITMQ_ENABLED_PLUGINS_FILE", folder.resolve("plugins").toString())),
            program());
    start();
  }

  /** The one on the path gives up the rights of root, and could not read the test's folder. */
  private static String program() throws IOException {
    try (Stream<Path> versions = Files.list(HOME)) {
      return versions
          .map(version -> version.resolve("sbin/rabbitmq-server"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow(() -> new AssertionError("no rabbitmq-server in " + HOME))
          .toString();
    }
  }

  public int port() {
    return port;
  }

  public void start() throws IOException {
    rabbit.start();
    Wait.until(SOON, "RabbitMQ", () -> ServerProcess.isListening(port));
  }

  public void stop() throws InterruptedException {
    rabbit.stop();
  }

  /** Lets it stand still, or go on. */
  public void pause(boolean isPaused) throws IOException, InterruptedException {
    rabbit.signal(isPaused ? "STOP" : "CONT");
  }

  public void kill() {
    rabbit.kill();
  }

  @Override
  public void close() {
    rabbit.close();
    mapper.close();
  }
}
