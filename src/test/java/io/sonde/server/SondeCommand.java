package io.sonde.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A run of {@code sonde} that ends by itself, and what it said. */
record SondeCommand(int exitCode, String output, String errors) {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Runs it in a folder that takes what it prints; fails when it does not end. */
  static SondeCommand run(Path folder, List<String> arguments) {
    try {
      Path output = Files.createTempFile(folder, "command-", ".out");
      Path errors = Files.createTempFile(folder, "command-", ".err");
      Process process =
          new ProcessBuilder(SondeProcess.command(arguments))
              .directory(folder.toFile())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      try {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          throw new AssertionError("sonde " + arguments + " does not end");
        }
      } finally {
        process.destroyForcibly();
      }
      return new SondeCommand(
          process.exitValue(), Files.readString(output), Files.readString(errors));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while sonde " + arguments + " ran", e);
    }
  }
}
