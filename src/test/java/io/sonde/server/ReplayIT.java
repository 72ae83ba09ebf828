package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.Seed;
import io.sonde.audit.Difference;
import io.sonde.audit.Replay;
import io.sonde.collector.CollectorSettings;
import io.sonde.collector.Growth;
import io.sonde.collector.Retention;
import io.sonde.model.SampleBatch;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.model.Timestamps;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsQuestion;
import io.sonde.query.UsageQuestion;
import io.sonde.series.Block;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.Migrations;
import io.sonde.store.Slots;
import io.sonde.store.StartupException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A read model that is made of the journals alone is what the live one is, to the last bit. */
@Tag("long")
@Timeout(300)
class ReplayIT {
  private static final long START = 1_767_225_600_000_000L; // 2026-01-01T00:00Z
  private static final long STEP = 1_200_000_000L;
  private static final long HOUR = 3_600_000_000L;
  private static final int RESOURCES = 60;
  private static final TestWorkload WORKLOAD = new TestWorkload(RESOURCES, START, STEP);
  private static final int STEPS = 220;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Rows, worn days and open blocks at once. */
  private static final String[] NODE = {
    "sonde.collector.collectors=2",
    "sonde.collector.idle-after=1h",
    "sonde.collector.chunk-samples=20",
    "sonde.collector.flush-interval=0s"
  };

  private static final Config CONFIG =
      ConfigFactory.parseString("collector { chunk-samples = 30, flush-bytes = 64k }")
          .withFallback(ConfigFactory.load().getConfig("sonde"));
  private static final CollectorSettings COLLECTORS =
      CollectorSettings.from(CONFIG.getConfig("collector"));

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private static DatabaseSettings live;
  private final List<Difference> differences = Collections.synchronizedList(new ArrayList<>());

  /** Journals with all that there is, a restart among it, and a third collector that came later. */
  @BeforeAll
  static void fill() throws Exception {
    postgres = TestPostgres.start(folder.resolve("data"));
    live = postgres.newDatabase();
    try (TestNode node = TestNode.start(live, NODE)) {
      for (int step = 0; step < STEPS / 2; step++) {
        add(node, WORKLOAD.at(step));
        if (step % 10 == 9) {
          add(node, WORKLOAD.at(step - 9));
        }
      }
      add(node, WORKLOAD.late("late", START + 2 * HOUR + 1));
    }
    try (Database database = Database.open(live)) {
      new Growth(database, COLLECTORS, line -> {}).to(Slots.load(database).orElseThrow(), 3);
    }
    try (TestNode node = TestNode.start(live, NODE)) {
      for (int step = STEPS / 2; step < STEPS; step++) {
        add(node, WORKLOAD.at(step));
      }
      add(node, WORKLOAD.late("late", START + 2 * HOUR + 1));
      add(node, WORKLOAD.late("later", START + 30 * HOUR + 1));
      Wait.until(
          LIMIT,
          "rows of all collectors",
          () -> number(live, "SELECT count(DISTINCT collector) FROM chunk") == 3);
    }
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @Test
  void itGoesOnAfterAKillAndAServerOnTheCopyAnswersTheSame() throws Exception {
    DatabaseSettings copy = postgres.newDatabase();
    killInTheSecondFlush(copy);
    long before = number(copy, "SELECT sum(flushed) FROM collector");
    assertThat(before).isPositive();

    try (TestNode node = TestNode.start(live, NODE)) {
      // The server takes samples, flushes and merges meanwhile.
      AtomicBoolean isEnough = new AtomicBoolean();
      CompletableFuture<Integer> pushing =
          CompletableFuture.supplyAsync(
              () -> {
                int step = STEPS;
                do {
                  TestNode.join(node.collectors.add("store", WORKLOAD.at(step++)));
                } while (!isEnough.get());
                return step;
              });
      Replay first = replay(copy, Replay.Part.ALL);
      assertThat(differences).isEmpty();
      assertThat(first.compared()).isPositive();
      assertThat(number(copy, "SELECT sum(flushed) FROM collector")).isGreaterThan(before);
      isEnough.set(true);
      TestNode.get(pushing);

      Replay second = replay(copy, Replay.Part.ALL);
      assertThat(differences).isEmpty();
      assertThat(second.events())
          .as("it goes on where the first one was")
          .isLessThan(number(copy, "SELECT sum(flushed) FROM collector"));
      assertThat(second.compared() + second.unflushed())
          .as("each sample is compared or said to wait")
          .isEqualTo(count(node));
      List<Object> answers = answers(node);
      try (TestNode other = TestNode.start(copy, NODE)) {
        assertThat(answers(other)).isEqualTo(answers);
        // Copies are recognised, also of what another collector had before.
        long count = count(other);
        add(other, WORKLOAD.at(3));
        add(other, WORKLOAD.at(STEPS - 2));
        assertThat(count(other)).isEqualTo(count);
      }
    }
  }

  private void killInTheSecondFlush(DatabaseSettings copy) throws Exception {
    Migrations.run(copy);
    TestPostgres.execute(
        copy,
        """
        CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF (SELECT generation FROM collector WHERE 'collector|' || id = NEW.persistence_id) > 1
          THEN PERFORM pg_advisory_xact_lock(1); END IF;
          RETURN NEW; END $$;
        CREATE TRIGGER wait_here BEFORE INSERT ON snapshot
          FOR EACH ROW EXECUTE FUNCTION wait_here()
        """);
    try (Connection connection = TestPostgres.connect(copy);
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(1)");
      Process command =
          new ProcessBuilder(SondeProcess.command(arguments(copy)))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("killed.log").toFile())
              .start();
      Wait.until(
          LIMIT,
          "a second flush",
          () ->
              number(
                      copy,
                      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                  > 0);
      command.destroyForcibly().waitFor();
    }
    Wait.until(
        LIMIT,
        "the end of the killed command's transactions",
        () ->
            number(
                    copy,
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND pid <> pg_backend_pid() AND state <> 'idle'")
                == 0);
    TestPostgres.execute(copy, "DROP TRIGGER wait_here ON snapshot; DROP FUNCTION wait_here()");
  }

  private static List<String> arguments(DatabaseSettings copy) {
    return List.of(
        "audit",
        "replay",
        "--into",
        copy.url(),
        "--set",
        "sonde.collector.flush-bytes=64k",
        "--set",
        "sonde.database.url=\"" + live.url() + "\"",
        "--set",
        "sonde.database.user=" + live.user(),
        "--set",
        "sonde.database.password=" + live.password());
  }

  @Test
  void whatIsRewrittenIsFoundWithItsPlace() throws Exception {
    Random random = Seed.random();
    DatabaseSettings copy = postgres.newDatabase();
    // The command prints what it finds; the classes are asked for the rest.
    SondeCommand equal = SondeCommand.run(folder, arguments(copy));
    assertThat(equal.output()).contains(" 0 differences");
    assertThat(equal.exitCode()).isZero();

    TestPostgres.execute(live, "CREATE TABLE chunk_as_it_was AS SELECT * FROM chunk");
    try {
      Row row = row(random);
      Columns samples = ChunkCodec.decode(row.payload());
      int place = random.nextInt(samples.size());
      put(row, changed(samples, place));
      SondeCommand damaged = SondeCommand.run(folder, arguments(copy));
      assertThat(damaged.exitCode()).isEqualTo(1);
      String where =
          row.meter()
              + " of "
              + row.resource()
              + " .* at "
              + Timestamps.format(samples.timestamp(place));
      assertThat(damaged.output().lines().toList())
          .hasSize(2)
          .first()
          .asString()
          .matches(
              where
                  + ": expected volume "
                  + samples.volume(place)
                  + ",.* found volume "
                  + Math.nextUp(samples.volume(place))
                  + ",.*");
      // Only where it is looked for.
      replay(copy, new Replay.Part(Long.MIN_VALUE, Long.MAX_VALUE, Set.of(row.resource())));
      assertThat(differences).hasSize(1);
      replay(copy, new Replay.Part(Long.MIN_VALUE, samples.timestamp(place), Set.of()));
      assertThat(differences).isEmpty();
      mend();

      row = row(random);
      execute("DELETE FROM chunk WHERE " + row.place());
      replay(copy, Replay.Part.ALL);
      assertThat(differences)
          .hasSize(ChunkCodec.decode(row.payload()).size())
          .allMatch(one -> one.found().equals("nothing"));
      // As if it were too old.
      replay(copy, Replay.Part.ALL, "[{ meters = [\"*\"], keep = 1 day }]");
      assertThat(differences).isEmpty();
      mend();

      row = row(random);
      execute(
          "INSERT INTO chunk SELECT collector, series, to_time, from_time, generation + 1000,"
              + " samples, directory, payload FROM chunk WHERE "
              + row.place());
      replay(copy, Replay.Part.ALL);
      assertThat(differences)
          .hasSize(ChunkCodec.decode(row.payload()).size())
          .allMatch(one -> one.expected().equals("nothing"));
      mend();

      row = row(random);
      samples = ChunkCodec.decode(row.payload());
      put(row, "directory", changed(samples, 0).directory());
      replay(copy, Replay.Part.ALL);
      assertThat(differences).hasSize(1);
      assertThat(differences.get(0).toString()).contains(row.resource(), "total of ");
      mend();

      row = row(random);
      byte[] flipped = row.payload().clone();
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      put(row, "payload", flipped);
      replay(copy, Replay.Part.ALL);
      assertThat(differences).hasSize(1);
      assertThat(differences.get(0).where()).contains(row.resource());
    } finally {
      mend();
      execute("DROP TABLE chunk_as_it_was");
    }
    replay(copy, Replay.Part.ALL);
    assertThat(differences).isEmpty();
  }

  @Test
  void aDatabaseWithSamplesOfItsOwnIsNotTouched() throws Exception {
    DatabaseSettings other = postgres.newDatabase();
    try (TestNode node = TestNode.start(other, NODE)) {
      add(node, WORKLOAD.at(0));
    }
    assertThatThrownBy(() -> replay(other, Replay.Part.ALL))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("an empty one was expected");
    SondeCommand refused = SondeCommand.run(folder, arguments(other));
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.errors()).contains("the database to rebuild into has samples of its own");
  }

  private Replay replay(DatabaseSettings copy, Replay.Part part) {
    return replay(copy, part, "[]");
  }

  private Replay replay(DatabaseSettings copy, Replay.Part part, String retention) {
    differences.clear();
    Migrations.run(copy);
    try (Database source = Database.open(live);
        Database target = Database.open(copy)) {
      Replay replay =
          new Replay(
              source,
              target,
              COLLECTORS,
              Retention.from(
                  ConfigFactory.parseString("retention = " + retention).withFallback(CONFIG),
                  Clock.fixed(Instant.parse("2027-01-01T00:00:00Z"), ZoneOffset.UTC)),
              part,
              differences::add);
      replay.run(2);
      return replay;
    }
  }

  private static List<Object> answers(TestNode node) throws Exception {
    List<Object> answers = new ArrayList<>();
    answers.add(TestNode.get(node.queries.samples(SampleFilter.ALL, 100_000)));
    answers.add(
        TestNode.get(
            node.queries.statistics(
                SampleFilter.ALL, StatisticsQuestion.of(3_600, SeriesField.PROJECT_ID))));
    answers.add(TestNode.get(node.queries.resources(SampleFilter.ALL, 1_000)));
    for (String meter : List.of("cpu", "load")) {
      answers.add(
          TestNode.get(
              node.queries.usage(
                  new UsageQuestion(
                      new SeriesFilter(Map.of(SeriesField.METER, meter)),
                      LongStream.of(START, START + STEPS * STEP).boxed().toList(),
                      new TreeMap<>(),
                      2 * HOUR,
                      (metadata, key) -> null))));
    }
    return answers;
  }

  private static long count(TestNode node) throws Exception {
    return TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0)))
        .get(0)
        .count();
  }

  private static void add(TestNode node, SampleBatch batch) throws Exception {
    TestNode.get(node.collectors.add("store", batch));
  }

  private static Columns columns(Columns from, int place, double volume) {
    Block block = new Block();
    for (int i = 0; i < from.size(); i++) {
      block.add(
          from.timestamp(i),
          i == place ? volume : from.volume(i),
          from.key(i),
          from.metadata(i),
          from.recorded(i));
    }
    return block.freeze();
  }

  /** A volume is changed as little as it can be, and all checksums are right. */
  private static Chunk changed(Columns samples, int place) {
    return ChunkCodec.encode(columns(samples, place, Math.nextUp(samples.volume(place))));
  }

  private record Row(String place, String meter, String resource, byte[] payload) {}

  private static Row row(Random random) throws Exception {
    try (Connection connection = TestPostgres.connect(live);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT c.ctid, s.meter, s.resource_id, c.payload FROM chunk c JOIN series s"
                    + " ON s.collector = c.collector AND s.number = c.series ORDER BY c.ctid")) {
      List<Row> all = new ArrayList<>();
      while (rows.next()) {
        all.add(
            new Row(
                "ctid = '" + rows.getString(1) + "'",
                rows.getString(2),
                rows.getString(3),
                rows.getBytes(4)));
      }
      return all.get(random.nextInt(all.size()));
    }
  }

  private static void put(Row row, Chunk chunk) throws Exception {
    try (Connection connection = TestPostgres.connect(live);
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE chunk SET payload = ?, directory = ? WHERE " + row.place())) {
      update.setBytes(1, chunk.payload());
      update.setBytes(2, chunk.directory());
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  private static void put(Row row, String column, byte[] bytes) throws Exception {
    try (Connection connection = TestPostgres.connect(live);
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE chunk SET " + column + " = ? WHERE " + row.place())) {
      update.setBytes(1, bytes);
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  private static void mend() throws Exception {
    execute("DELETE FROM chunk; INSERT INTO chunk SELECT * FROM chunk_as_it_was");
  }

  private static void execute(String sql) throws Exception {
    TestPostgres.execute(live, sql);
  }

  private static long number(DatabaseSettings at, String sql) throws Exception {
    return TestPostgres.number(at, sql);
  }
}
