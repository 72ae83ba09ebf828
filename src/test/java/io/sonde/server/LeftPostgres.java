package io.sonde.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The PostgreSQL that a killed server may leave behind, found by its data directory. */
final class LeftPostgres {
  private LeftPostgres() {}

  /** The running postmaster of this server's data directory, if there is one. */
  static Optional<ProcessHandle> of(Path dataDirectory) {
    try {
      // The number may belong to any other process by now: only one that works in the directory is
      // ours.
      return ProcessHandle.of(Long.parseLong(line(dataDirectory, 0)))
          .filter(ProcessHandle::isAlive)
          .filter(process -> worksIn(process, cluster(dataDirectory)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether one runs that takes connections. */
  static boolean isReady(Path dataDirectory) {
    return of(dataDirectory).isPresent() && line(dataDirectory, 7).equals("ready");
  }

  /** Where it listens on the loopback interface. */
  static int port(Path dataDirectory) {
    return Integer.parseInt(line(dataDirectory, 3));
  }

  /** Ends it, in order if it lets itself be ended so. */
  static void end(Path dataDirectory) {
    of(dataDirectory)
        .ifPresent(
            postmaster -> {
              List<ProcessHandle> all = family(postmaster);
              postmaster.destroy();
              if (!Wait.reached(Duration.ofSeconds(10), () -> !postmaster.isAlive())) {
                all.forEach(ProcessHandle::destroyForcibly);
              }
            });
  }

  /** The process and all that descend from it. */
  static List<ProcessHandle> family(ProcessHandle process) {
    List<ProcessHandle> all = new ArrayList<>(List.of(process));
    process.descendants().forEach(all::add);
    return all;
  }

  private static Path cluster(Path dataDirectory) {
    return dataDirectory.resolve("postgresql").resolve("data");
  }

  /** A line of what a server writes of itself, or nothing where there is none (yet). */
  private static String line(Path dataDirectory, int number) {
    try {
      List<String> lines = Files.readAllLines(cluster(dataDirectory).resolve("postmaster.pid"));
      return lines.size() > number ? lines.get(number).strip() : "";
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean worksIn(ProcessHandle process, Path cluster) {
    try {
      Path workingDirectory = Path.of("/proc", Long.toString(process.pid()), "cwd");
      if (Files.exists(workingDirectory)) {
        return workingDirectory.toRealPath().equals(cluster.toRealPath());
      }
    } catch (IOException e) {
      return false;
    }
    // No /proc here: the command line names the directory.
    return process.info().commandLine().orElse("").contains(cluster.toString());
  }
}
