import io.sonde.audit.AuditSettings;
import io.sonde.audit.Checkpoints;
import io.sonde.audit.SigningKey;
import io.sonde.store.CheckpointStore;
import io.sonde.store.DataDirectory;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import io.sonde.store.Migrations;
import io.sonde.store.Slots;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What checkpoints of a journal cost, by the size of its events; run it as bench/checkpoints. */
public final class CheckpointCost {
  /** As the metering workload with random message ids takes them; other workloads take less. */
  private static final int BYTES_A_SAMPLE = 15;

  private static final int ROUNDS = 3;
  private static final int SAMPLES_A_ROUND = 2_000_000;
  private static final int MOST_EVENTS = 20_000;

  private CheckpointCost() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("sonde-bench-");
    Load.data = folder;
    try (DataDirectory directory = DataDirectory.open(folder)) {
      EmbeddedPostgres postgres = EmbeddedPostgres.start(directory);
      try {
        measure(
            new DatabaseSettings(
                postgres.url(), postgres.user(), postgres.password(), 4, Duration.ofSeconds(5)));
      } finally {
        postgres.stop();
      }
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void measure(DatabaseSettings settings) throws Exception {
    Migrations.run(settings);
    try (Database database = Database.open(settings);
        java.sql.Connection connection =
            DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password())) {
      Slots.loadOrCreate(database, 1);
      Checkpoints checkpoints =
          new Checkpoints(
              new CheckpointStore(database),
              1,
              new AuditSettings(
                  Optional.empty(), SigningKey.generate("bench"), "bench", List.of()));
      long sequence = 0;
      for (int round = 1; round <= ROUNDS; round++) {
        for (int samples : new int[] {100, 1_000, 10_000}) {
          int events = Math.min(MOST_EVENTS, SAMPLES_A_ROUND / samples);
          append(connection, sequence, events, samples * BYTES_A_SAMPLE);
          sequence += events;
          double jvm = cpu();
          double server = Usage.cpu(Usage.tree(Load.postmaster()), 4);
          int made = checkpoints.make().made().size();
          server = Usage.cpu(Usage.tree(Load.postmaster()), 4) - server;
          jvm = cpu() - jvm;
          double millions = (double) events * samples / 1e6;
          Load.print(
              "round %d: %5d events of %5d samples, %d checkpoints: CPU-seconds per million samples: JVM %.4f, PostgreSQL %.4f%n",
              round, events, samples, made, jvm / millions, server / millions);
        }
      }
    }
  }

  /** The calling thread's CPU seconds. */
  private static double cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }

  private static void append(java.sql.Connection connection, long after, int events, int bytes)
      throws Exception {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
                INSERT INTO event_journal (persistence_id, sequence_number, writer, event_ser_id,
                  event_ser_manifest, event_payload)
                SELECT 'collector|0', ? + event, 'bench', 1, 'event',
                  (SELECT string_agg(sha256((event || ':' || part)::bytea), ''::bytea)
                   FROM generate_series(1, ? / 32) AS part)
                FROM generate_series(1, ?) AS event
                """)) {
      insert.setLong(1, after);
      insert.setInt(2, bytes);
      insert.setInt(3, events);
      insert.executeUpdate();
    }
  }
}
