package io.sonde.publish;

import io.sonde.server.Wait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A Kafka broker from Maven Central in a process of its own. Its class path is what {@code mvn
 * antrun:run@kafka-broker} wrote, which runs before integration tests.
 */
final class TestKafka implements AutoCloseable {
  private static final Path CLASS_PATH = Path.of("target/kafka.classpath");
  private static final Duration SOON = Duration.ofSeconds(90);

  private final int port = ServerProcess.freePort();
  private final ServerProcess broker;

  TestKafka(Path folder) throws IOException {
    Path properties = folder.resolve("server.properties");
    Files.writeString(
        properties,
        """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%1$d
        controller.listener.names=CONTROLLER
        listeners=PLAINTEXT://127.0.0.1:%2$d,CONTROLLER://127.0.0.1:%1$d
        log.dirs=%3$s
        num.partitions=3
        message.max.bytes=60000
        offsets.topic.replication.factor=1
        """
            .formatted(ServerProcess.freePort(), port, folder.resolve("data")));
    try (ServerProcess format =
        java(
            folder,
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
            "AAAAAAAAQACAAAAAAAAAAQ",
            "--config",
            properties.toString())) {
      format.start().await();
    }
    broker = java(folder, "kafka.Kafka", properties.toString());
    start();
  }

  private static ServerProcess java(Path folder, String... arguments) throws IOException {
    String[] command = {
      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
      "-Xmx256m",
      "-cp",
      Files.readString(CLASS_PATH).strip()
    };
    String[] all = new String[command.length + arguments.length];
    System.arraycopy(command, 0, all, 0, command.length);
    System.arraycopy(arguments, 0, all, command.length, arguments.length);
    return new ServerProcess(folder.resolve("log"), Map.of(), all);
  }

  int port() {
    return port;
  }

  void start() throws IOException {
    broker.start();
    Wait.until(SOON, "Kafka", () -> ServerProcess.isListening(port));
  }

  void stop() throws InterruptedException {
    broker.stop();
  }

  /** Lets it stand still, or go on. */
  void pause(boolean isPaused) throws IOException, InterruptedException {
    broker.signal(isPaused ? "STOP" : "CONT");
  }

  void kill() {
    broker.kill();
  }

  @Override
  public void close() {
    broker.close();
  }
}
