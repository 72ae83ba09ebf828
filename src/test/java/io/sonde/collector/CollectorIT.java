package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsQuestion;
import io.sonde.query.StatisticsRow;
import io.sonde.query.StoredSample;
import io.sonde.server.TestNode;
import io.sonde.server.Wait;
import io.sonde.store.DataDirectory;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import io.sonde.store.Migrations;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Collectors over a real PostgreSQL: what was acknowledged is seen once, whatever happens in
 * between.
 */
class CollectorIT {
  private static final long DAY = 86_400_000_000L;
  private static final long START = 1_767_225_600_000_000L; // 2026-01-01T00:00Z

  @TempDir static Path folder;
  private static DataDirectory directory;
  private static EmbeddedPostgres postgres;
  private static int databases;
  private DatabaseSettings settings;

  @BeforeAll
  static void startPostgres() {
    directory = DataDirectory.open(folder);
    postgres = EmbeddedPostgres.start(directory);
  }

  @AfterAll
  static void stopPostgres() {
    postgres.stop();
    directory.close();
  }

  @BeforeEach
  void createDatabase() throws Exception {
    String name = "collector_it_" + ++databases;
    execute(postgres.url(), "CREATE DATABASE " + name);
    settings =
        new DatabaseSettings(
            postgres.url().replaceFirst("/sonde", "/" + name),
            postgres.user(),
            postgres.password(),
            8,
            Duration.ofSeconds(5));
  }

  @AfterEach
  void nothingIsLeftOpen() throws Exception {
    execute(
        postgres.url(),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'collector_it%'");
  }

  @Test
  void countsACopyOnceWhereverItsOriginalLies() throws Exception {
    SampleBatch first = batch(0, 200, "a");
    try (TestNode node = TestNode.start(settings, "sonde.collector.flush-interval=1h")) {
      assertThat(add(node, first)).isEqualTo(new Receipt(200, 0, 0));
      assertThat(add(node, first)).as("in the head").isEqualTo(new Receipt(0, 200, 0));
    }
    try (TestNode node =
        TestNode.start(
            settings, "sonde.collector.flush-interval=0s", "sonde.collector.keep-flushed=1ms")) {
      assertThat(add(node, first)).as("after a restart").isEqualTo(new Receipt(0, 200, 0));
      add(node, batch(10_000, 8, "b"));
      awaitChunks(200);
      assertThat(add(node, first)).as("in chunk rows").isEqualTo(new Receipt(0, 200, 0));
      assertThat(count(node)).isEqualTo(208);
    }
    try (TestNode node = TestNode.start(settings)) {
      assertThat(add(node, first)).as("rows, restarted").isEqualTo(new Receipt(0, 200, 0));
      assertThat(add(node, batch(100, 200, "a"))).isEqualTo(new Receipt(100, 100, 0));
      assertThat(count(node)).isEqualTo(308);
    }
  }

  @Test
  void keepsTheFirstVolumeOfAPollAndCountsConflicts() throws Exception {
    try (TestNode node = TestNode.start(settings)) {
      Sample poll = new Sample(series("r", "m"), START, 1, SampleKey.NONE, Metadata.EMPTY);
      Sample other = new Sample(series("r", "m"), START, 2, SampleKey.NONE, Metadata.EMPTY);
      assertThat(add(node, SampleBatch.of(List.of(poll, other)))).isEqualTo(new Receipt(1, 1, 1));
      assertThat(add(node, SampleBatch.of(List.of(other)))).isEqualTo(new Receipt(0, 1, 1));
      assertThat(stored(node).get(0).sample().volume()).isEqualTo(1);
    }
  }

  @Test
  void takesTwoIdsAtOneMomentForTwoSamples() throws Exception {
    try (TestNode node = TestNode.start(settings)) {
      Series series = series("r", "m");
      SampleBatch batch =
          SampleBatch.of(
              List.of(
                  new Sample(series, START, 1, SampleKey.ofMessageId("x"), Metadata.EMPTY),
                  new Sample(series, START, 1, SampleKey.ofMessageId("y"), Metadata.EMPTY)));
      assertThat(add(node, batch)).isEqualTo(new Receipt(2, 0, 0));
      assertThat(add(node, batch)).isEqualTo(new Receipt(0, 2, 0));
      assertThat(count(node)).isEqualTo(2);
    }
  }

  @Test
  void aQuestionSeesEverySampleOnceWhileFlushesGoOn() throws Exception {
    Random random = new Random(seed());
    try (TestNode node =
        TestNode.start(
            settings,
            "sonde.collector.flush-interval=0s",
            "sonde.collector.chunk-samples=5",
            "sonde.collector.keep-flushed=1s")) {
      AtomicBoolean done = new AtomicBoolean();
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 400; i++) {
                  int from = i * 50;
                  TestNode.join(node.collectors.add("store", batch(from, 50, "w")));
                  acknowledged = from + 50;
                }
                done.set(true);
              });
      int questions = 0;
      while (!done.get()) {
        int before = acknowledged;
        long seen = random.nextBoolean() ? count(node) : countByPeriods(node, random);
        assertThat(seen).isBetween((long) before, acknowledged + 50L);
        List<StoredSample> newest =
            TestNode.get(node.queries.samples(SampleFilter.ALL, 1 + random.nextInt(100)));
        assertThat(newest.stream().map(StoredSample::id)).doesNotHaveDuplicates();
        questions++;
      }
      writer.get(60, TimeUnit.SECONDS);
      assertThat(questions).isGreaterThan(10);
      assertThat(count(node)).isEqualTo(20_000);
      assertSum(node, 20_000);
    }
    try (TestNode node = TestNode.start(settings)) {
      assertThat(count(node)).isEqualTo(20_000);
      assertSum(node, 20_000);
    }
  }

  private volatile int acknowledged;

  @Test
  void afterAKeyClashTheHeadIsWhatTheJournalSays() throws Exception {
    try (TestNode node =
        TestNode.start(
            settings, "sonde.collector.collectors=1", "sonde.collector.flush-interval=1h")) {
      add(node, batch(0, 10, "a"));
      // Another writer takes the next sequence number: its event is a copy of one that another
      // database got for it.
      plantNextEvent();
      boolean failed = false;
      try {
        add(node, batch(5_000, 10, "mine"));
      } catch (Exception e) {
        failed = true;
      }
      assertThat(failed).as("a write that clashed is not acknowledged").isTrue();
      awaitCount(node, 17);
      assertThat(add(node, batch(5_000, 10, "mine"))).isEqualTo(new Receipt(10, 0, 0));
      assertThat(add(node, batch(0, 10, "a"))).isEqualTo(new Receipt(0, 10, 0));
      assertThat(count(node)).isEqualTo(27);
    }
    try (TestNode node = TestNode.start(settings)) {
      assertThat(count(node)).as("replayed").isEqualTo(27);
    }
  }

  @Test
  void aMillionthOfAVolumeIsNotLostInTheSum() throws Exception {
    try (TestNode node = TestNode.start(settings)) {
      List<Sample> samples = new ArrayList<>();
      double[] volumes = {1e16, 1, -1e16, 1e-6, 0.1, 0.2, -0.3};
      for (int i = 0; i < volumes.length; i++) {
        samples.add(
            new Sample(series("r", "m"), START + i, volumes[i], SampleKey.NONE, Metadata.EMPTY));
      }
      add(node, SampleBatch.of(samples));
      StatisticsRow row =
          TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0))).get(0);
      assertThat(row.sum())
          .isEqualTo(
              Arrays.stream(volumes)
                  .mapToObj(BigDecimal::new)
                  .reduce(BigDecimal.ZERO, BigDecimal::add)
                  .doubleValue());
    }
  }

  @Test
  void showsMetadataThatIsFlushedAndNotFlushed() throws Exception {
    Metadata metadata = Metadata.of(Map.of("flavor", Map.of("name", "m1"), "n", 3L));
    try (TestNode node =
        TestNode.start(
            settings, "sonde.collector.flush-interval=0s", "sonde.collector.keep-flushed=1ms")) {
      Sample one = new Sample(series("r1", "m"), START, 1, SampleKey.NONE, metadata);
      add(node, SampleBatch.of(List.of(one)));
      assertThat(stored(node).get(0).sample()).isEqualTo(one);
      awaitChunks(1);
      assertThat(stored(node).get(0).sample()).isEqualTo(one);
      SampleFilter filter =
          new SampleFilter(
              Map.of(SeriesField.METER, "m"),
              Long.MIN_VALUE,
              Long.MAX_VALUE,
              Condition.equal(new Field.MetadataKey("flavor.name"), "m1"));
      assertThat(TestNode.get(node.queries.samples(filter, 10))).hasSize(1);
      assertThat(TestNode.get(node.queries.resources(SampleFilter.ALL, 10)).get(0).metadata())
          .isEqualTo(metadata);
    }
  }

  private void plantNextEvent() throws Exception {
    String copy = settings.url() + "_copy";
    execute(postgres.url(), "CREATE DATABASE " + copy.substring(copy.lastIndexOf('/') + 1));
    // The same history in another database gives the same chain; its second event is the rival's.
    DatabaseSettings rival = settings.at(copy, settings.user(), settings.password());
    copyJournal(settings, rival);
    try (TestNode node =
        TestNode.start(
            rival, "sonde.collector.collectors=1", "sonde.collector.flush-interval=1h")) {
      add(node, batch(7_000, 7, "theirs"));
    }
    copyJournal(rival, settings);
  }

  private static void copyJournal(DatabaseSettings from, DatabaseSettings to) throws Exception {
    Migrations.run(to);
    String columns =
        "persistence_id, sequence_number, writer, write_timestamp, adapter_manifest, event_ser_id,"
            + " event_ser_manifest, event_payload";
    try (Connection source =
            DriverManager.getConnection(from.jdbcUrl(), from.user(), from.password());
        Connection target = DriverManager.getConnection(to.jdbcUrl(), to.user(), to.password());
        Statement select = source.createStatement();
        ResultSet rows = select.executeQuery("SELECT " + columns + " FROM event_journal");
        PreparedStatement insert =
            target.prepareStatement(
                "INSERT INTO event_journal ("
                    + columns
                    + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      while (rows.next()) {
        for (int i = 1; i <= 8; i++) {
          insert.setObject(i, rows.getObject(i));
        }
        insert.executeUpdate();
      }
    }
  }

  /**
   * Samples numbered from {@code from}: eight resources in turn, a minute apart, the number as
   * volume.
   */
  private static SampleBatch batch(int from, int count, String ids) {
    List<Sample> samples = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      samples.add(
          new Sample(
              series("r" + i % 8, "m"),
              START + i * 60_000_000L % DAY,
              i,
              SampleKey.ofMessageId(ids + i),
              Metadata.of(Map.of("host", "h" + i % 3))));
    }
    return SampleBatch.of(samples);
  }

  private static Series series(String resource, String meter) {
    return new Series(
        "test", meter, MeterType.GAUGE, "B", resource, "p", null, Series.NO_DIMENSIONS);
  }

  private static Receipt add(TestNode node, SampleBatch batch) throws Exception {
    return TestNode.get(node.collectors.add("store", batch));
  }

  private static List<StoredSample> stored(TestNode node) throws Exception {
    return TestNode.get(node.queries.samples(SampleFilter.ALL, 1000));
  }

  private static long count(TestNode node) throws Exception {
    List<StatisticsRow> rows =
        TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0)));
    return rows.isEmpty() ? 0 : rows.get(0).count();
  }

  /** Of whole hours, or of periods that cut them. */
  private static long countByPeriods(TestNode node, Random random) throws Exception {
    SampleFilter filter = new SampleFilter(Map.of(), START, START + DAY, Condition.And.TRUE);
    long period = random.nextBoolean() ? 7_200 : 5_000;
    return TestNode.get(
            node.queries.statistics(filter, StatisticsQuestion.of(period, SeriesField.RESOURCE_ID)))
        .stream()
        .mapToLong(StatisticsRow::count)
        .sum();
  }

  private static void assertSum(TestNode node, long count) throws Exception {
    StatisticsRow row =
        TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0))).get(0);
    assertThat(row.sum()).isEqualTo(count * (count - 1) / 2.0);
    assertThat(row.min()).isEqualTo(0);
    assertThat(row.max()).isEqualTo(count - 1.0);
  }

  private void awaitChunks(long samples) throws Exception {
    Wait.until(
        Duration.ofSeconds(20),
        "chunk rows with " + samples + " samples",
        () -> query("SELECT coalesce(sum(samples), 0) FROM chunk") >= samples);
  }

  private static void awaitCount(TestNode node, long count) {
    Wait.until(
        Duration.ofSeconds(20),
        count + " samples",
        () -> {
          try {
            return count(node) == count;
          } catch (ExecutionException e) {
            return false; // the collector is recovering
          }
        });
  }

  private long query(String sql) throws Exception {
    try (Connection connection =
            DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static void execute(String url, String sql) throws Exception {
    try (Connection connection =
            DriverManager.getConnection(url, postgres.user(), postgres.password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long seed() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed + " (replay with -Dseed=" + seed + ")");
    return seed;
  }
}
