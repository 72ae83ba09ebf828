package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The file system of the data directory becomes full under load: first so that commits fail, then
 * so that PostgreSQL cannot write its log and ends. Once there is room again all goes on by itself.
 * The small file system is mounted, for which one must be root.
 */
@Tag("faults")
class FullDiskFaultIT {
  private static final String SIZE = "500m";
  private static final Duration FULL = Duration.ofSeconds(15);
  private static final Duration GOES_ON = Duration.ofSeconds(10);
  private static final Duration PROGRESS = Duration.ofSeconds(60);
  private static final int CONNECTIONS = 4;
  private static final int ENOUGH = 5_000;
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final History history = new History();

  @Test
  @Timeout(600)
  void aFullDiskLosesNothingAndPasses() throws Exception {
    Path data = Files.createDirectory(sondes.directory().resolve("data"));
    try (FaultRun run = new FaultRun("data directory full, twice", history, SEED)) {
      String refusal = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", data.toString());
      if (!refusal.isEmpty()) {
        run.notRun(refusal);
        abort("not run: " + refusal);
      }
      Thread whenTestsEnd = new Thread(() -> unmount(data), "unmount");
      Runtime.getRuntime().addShutdownHook(whenTestsEnd);
      try {
        fillTwice(run, data);
      } finally {
        sondes.endServers();
        unmount(data);
        Runtime.getRuntime().removeShutdownHook(whenTestsEnd);
      }
      run.passed();
    }
  }

  private void fillTwice(FaultRun run, Path data) throws Exception {
    System.out.println("FullDiskFaultIT: seed " + SEED);
    SondeProcess server =
        sondes
            .server(
                "data",
                "--set",
                "sonde.http.port=0",
                "--set",
                "sonde.polling.sources=[]",
                "--set",
                "sonde.collector.flush-interval=2s")
            .start();
    try (Pushing pushing = new Pushing(history, SEED, CONNECTIONS)) {
      pushing.to(server.base());
      pushing.start();
      pushing.awaitAcknowledged(ENOUGH, PROGRESS);

      fill(data, pushing);
      Wait.reached(FULL, () -> false);
      assertThat(server.postgresRuns()).as("PostgreSQL while commits fail").isTrue();
      makeRoom(data, server, pushing);

      fill(data, pushing);
      exhaustLog(server);
      Wait.until(PROGRESS, "a PostgreSQL that has ended", () -> !server.isPostgresReady());
      System.out.println("  PostgreSQL ended");
      Wait.reached(FULL, () -> false);
      assertThat(server.output()).contains("trying again and again");
      makeRoom(data, server, pushing);

      pushing.finish(PROGRESS);
      System.out.println("FullDiskFaultIT: " + pushing);
      run.compare(server.base(), server.rows());
      assertThat(pushing.complaints()).as("answers").isEmpty();
      assertThat(pushing.brokenCount()).as("requests without an answer").isZero();
    }
  }

  /** Until pushes are refused. */
  private static void fill(Path data, Pushing pushing) {
    int refused = pushing.refusedCount();
    Wait.until(
        PROGRESS,
        "pushes answered 503",
        () -> {
          // What PostgreSQL gives free meanwhile is taken at once.
          writeAllThatFits(data.resolve("filler"));
          return pushing.refusedCount() > refused + CONNECTIONS;
        });
    System.out.println("  full: pushes are refused");
  }

  private static void writeAllThatFits(Path file) {
    byte[] bytes = new byte[4096];
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(bytes);
      }
    } catch (IOException e) {
      // No space left, as was to be.
    }
  }

  /** Makes PostgreSQL begin new log files until there is no room for one. */
  private static void exhaustLog(SondeProcess server) {
    StoredRows rows = server.rows();
    Wait.until(
        PROGRESS,
        "an end of the log files",
        () -> {
          try (Connection connection = TestPostgres.connect(rows.database());
              Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_logical_emit_message(true, 'test', 'test')");
            statement.execute("SELECT pg_switch_wal()");
            return false;
          } catch (SQLException e) {
            System.out.println("  " + e.getMessage().lines().findFirst().orElse(""));
            return true;
          }
        });
  }

  private static void makeRoom(Path data, SondeProcess server, Pushing pushing) throws IOException {
    Files.delete(data.resolve("filler"));
    long begin = System.nanoTime();
    Wait.until(PROGRESS, "a PostgreSQL that runs", server::isPostgresReady);
    System.out.println("  PostgreSQL runs after " + millisSince(begin) + " ms");
    pushing.awaitAcknowledged(ENOUGH, GOES_ON);
    System.out.println("  goes on " + millisSince(begin) + " ms after there was room");
  }

  private static void unmount(Path data) {
    // Also where somebody still looks into it.
    run("umount", "-l", data.toString());
  }

  /** Runs a command; returns what it complained about, or nothing when it worked. */
  private static String run(String... command) {
    try {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? "" : said.strip().replace('\n', ' ').replace('|', ' ');
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static long millisSince(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }
}
