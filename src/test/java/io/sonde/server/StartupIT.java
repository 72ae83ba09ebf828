package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.store.DataDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What cannot start says why in one line, and the exit code tells what the user can mend by other
 * arguments (2) from what lies around (1).
 */
@Timeout(120)
class StartupIT {
  @TempDir Path folder;

  private String dataDirectory;

  @BeforeEach
  void nameDataDirectory() {
    dataDirectory = "sonde.data-dir=\"" + folder.resolve("data") + "\"";
  }

  @Test
  void helpIsNoFailure() {
    SondeCommand help = SondeCommand.run(folder, List.of("server", "--help"));
    assertThat(help.exitCode()).isZero();
    assertThat(help.output()).contains("--config", "--set");
    assertThat(help.errors()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "--nope", "serve", "server --nope", "server extra", "server --config"})
  void usageThatIsWrongIsExplainedInOneLine(String arguments) {
    List<String> words = Stream.of(arguments.split(" ")).filter(word -> !word.isEmpty()).toList();
    refused(SondeCommand.run(folder, words), 2, "--help");
  }

  @Test
  void aKeyThatDoesNotExistIsNamed() {
    refused(set("sonde.colector.chunk-samples=1"), 2, "sonde.colector.chunk-samples");
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "70000", "[]", "{}"})
  void aValueThatCannotBeIsNamedWithItsKey(String value) {
    refused(set("sonde.http.port=" + value), 2, "sonde.http.port");
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    Path missing = folder.resolve("missing.conf");
    refused(config(missing), 2, missing.toString());

    Path directory = Files.createDirectory(folder.resolve("directory.conf"));
    refused(config(directory), 2, directory.toString());

    Path broken = Files.writeString(folder.resolve("broken.conf"), "sonde {\n  data-dir = [\n");
    refused(config(broken), 2, broken.getFileName().toString());
  }

  @Test
  void aPortInUseIsNamed() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = "127.0.0.1:" + other.getLocalPort();
      refused(set("sonde.http.port=" + other.getLocalPort()), 1, port);
      refused(
          set("sonde.http.port=0", "sonde.cluster.port=" + other.getLocalPort()),
          1,
          "sonde.cluster.port",
          port);
    }
    assertThat(folder.resolve("data").resolve("postgresql")).doesNotExist();
  }

  @Test
  void aDataDirectoryThatCannotBeIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    dataDirectory = "sonde.data-dir=\"" + file + "\"";
    refused(set(), 1, file.toRealPath().toString());
  }

  @Test
  void aDataDirectoryInUseIsNamedWithItsOwner() throws IOException {
    try (DataDirectory inUse = DataDirectory.open(folder.resolve("data"))) {
      long owner = ProcessHandle.current().pid();
      refused(set("sonde.http.port=0"), 1, inUse.path() + " is in use", "process " + owner);
    }
  }

  @Test
  void aDatabaseThatIsNotThereIsNamed() {
    int port = SondeProcesses.freePorts(1).get(0);
    refused(
        set(
            "sonde.http.port=0",
            "sonde.database.url=\"jdbc:postgresql://127.0.0.1:" + port + "/sonde?password=secret\"",
            "sonde.database.connection-timeout=1s"),
        1,
        "jdbc:postgresql://127.0.0.1:" + port + "/sonde cannot be reached");
  }

  private SondeCommand config(Path file) {
    return SondeCommand.run(
        folder, List.of("server", "--config", file.toString(), "--set", dataDirectory));
  }

  private SondeCommand set(String... sets) {
    List<String> arguments =
        Stream.concat(
                Stream.of("server"),
                Stream.concat(Stream.of(dataDirectory), Stream.of(sets))
                    .flatMap(set -> Stream.of("--set", set)))
            .toList();
    return SondeCommand.run(folder, arguments);
  }

  private static void refused(SondeCommand command, int code, String... words) {
    assertThat(command.errors().lines()).as(command.toString()).hasSize(1);
    assertThat(command.errors()).startsWith("sonde: ").contains(words).doesNotContain("secret");
    assertThat(command.exitCode()).as(command.toString()).isEqualTo(code);
  }
}
