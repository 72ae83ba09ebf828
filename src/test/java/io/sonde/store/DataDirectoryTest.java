package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir private Path temporary;
  private Path path;

  @BeforeEach
  void resolve() throws IOException {
    temporary = temporary.toRealPath();
    path = temporary.resolve("a").resolve("data");
  }

  @Test
  void isCreatedAndNamesItsOwner() throws IOException {
    try (DataDirectory directory = DataDirectory.open(path)) {
      assertThat(directory.path()).isEqualTo(path).isDirectory();
      assertThat(path.resolve("sonde.lock"))
          .content()
          .isEqualTo(ProcessHandle.current().pid() + "\n");
    }
  }

  @Test
  void canBeOpenedAgainAfterItWasClosed() {
    DataDirectory first = DataDirectory.open(path);
    first.close();
    try (DataDirectory second = DataDirectory.open(path)) {
      // Closing the first once more takes nothing from the second.
      first.close();
      assertRefused(path, ProcessHandle.current().pid());
      assertThat(second.path()).isEqualTo(path);
    }
  }

  @Test
  void isRefusedWhileAnotherProcessHasIt() throws Exception {
    try (OtherServer other = OtherServer.lock(path)) {
      assertThat(other.answer()).isEqualTo("locked");
      assertRefused(path, other.pid());

      other.kill();
      DataDirectory.open(path).close();
    }
  }

  @Test
  void staysLockedForOthersAfterASecondAttemptOfOurs() throws Exception {
    try (DataDirectory directory = DataDirectory.open(path)) {
      assertRefused(directory.path(), ProcessHandle.current().pid());

      try (OtherServer other = OtherServer.lock(path)) {
        assertThat(other.answer())
            .isEqualTo("refused: " + inUse(path, ProcessHandle.current().pid()));
      }
    }
  }

  @Test
  void isTheSameThroughASymbolicLink() throws IOException {
    try (DataDirectory directory = DataDirectory.open(path)) {
      Path link = Files.createSymbolicLink(temporary.resolve("link"), directory.path());
      assertThatThrownBy(() -> DataDirectory.open(link))
          .isInstanceOf(StartupException.class)
          .hasMessage(inUse(path, ProcessHandle.current().pid()));
    }
  }

  @Test
  void mustBeADirectory() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));

    assertThatThrownBy(() -> DataDirectory.open(file))
        .isInstanceOf(StartupException.class)
        .hasMessage("data directory " + file + " is not a directory");
    assertThatThrownBy(() -> DataDirectory.open(file.resolve("data")))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("data directory " + file + "/data cannot be created: ");
  }

  @Test
  void mustBeWritable() throws IOException {
    // A folder in the lock file's place stops root too, which no permission does.
    Files.createDirectories(path.resolve("sonde.lock"));

    assertThatThrownBy(() -> DataDirectory.open(path))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("data directory " + path + " cannot be written: ");
  }

  private static void assertRefused(Path path, long owner) {
    assertThatThrownBy(() -> DataDirectory.open(path))
        .isInstanceOf(StartupException.class)
        .hasMessage(inUse(path, owner));
  }

  private static String inUse(Path path, long owner) {
    return "data directory " + path + " is in use by another server (process " + owner + ")";
  }
}
