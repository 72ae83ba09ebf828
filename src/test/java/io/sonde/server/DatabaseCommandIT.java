package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DatabaseCommandIT {
  private static final Duration START = Duration.ofSeconds(60);
  private static final int TERMINATED = 143;

  @TempDir Path folder;

  @Test
  void nodesReachItByTheFileThatItWrites() throws Exception {
    Path data = folder.resolve("data");
    Path described = data.resolve("database.conf");
    Process process =
        new ProcessBuilder(
                SondeProcess.command(
                    List.of("database", "--port", "0", "--set", "sonde.data-dir=\"" + data + "\"")))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    try {
      Wait.until(START, "database.conf", () -> Files.exists(described) || !process.isAlive());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(described)))
          .as("it has a password")
          .isEqualTo("rw-------");
      Config written = ConfigFactory.parseFile(described.toFile());
      DatabaseSettings settings =
          DatabaseSettings.from(
              written.withFallback(ConfigFactory.load()).getConfig("sonde.database"));
      try (Database database = Database.open(settings)) {
        assertThat(database.weakness()).as("reason not to trust it").isNull();
      }
      process.destroy();
      assertThat(process.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(TERMINATED);
      assertThat(LeftPostgres.of(data)).as("PostgreSQL afterwards").isEmpty();
    } finally {
      process.destroyForcibly();
      LeftPostgres.end(data);
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      SondeCommand command =
          SondeCommand.run(
              folder,
              List.of(
                  "database",
                  "--port",
                  port,
                  "--set",
                  "sonde.data-dir=\"" + folder.resolve("other") + "\""));
      assertThat(command.exitCode()).isEqualTo(Main.FAILED);
      assertThat(command.errors().lines()).hasSize(1);
      assertThat(command.errors()).contains("at port " + port);
    }
  }
}
