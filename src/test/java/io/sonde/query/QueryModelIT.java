package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.sonde.Seed;
import io.sonde.collector.CollectorSettings;
import io.sonde.collector.Growth;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.query.NaiveModel.Entry;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.Migrations;
import io.sonde.store.Slots;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service says what a naive model says, of random samples that lie in open blocks, sealed
 * chunks, kept generations and rows, while they are flushed.
 */
class QueryModelIT {
  private static final int ROUNDS = 10;
  private static final int QUERIES = 505;
  private static final int AT_ONCE = 16;
  private static final CollectorSettings COLLECTORS =
      CollectorSettings.from(ConfigFactory.load().getConfig("sonde.collector"));

  @TempDir static Path folder;
  private static TestPostgres postgres;

  private final Random random = Seed.random();
  private final RandomQueries queries =
      new RandomQueries(random, Instant.now().getEpochSecond() * 1_000_000);
  private NaiveModel model;
  private int asked;

  @BeforeAll
  static void startPostgres() {
    postgres = TestPostgres.start(folder);
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @Test
  void theServiceSaysWhatANaiveModelSays() throws Exception {
    // All becomes rows at once, or blocks stay open until they are full.
    ask(postgres.newDatabase(), "sonde.collector.idle-after=0s", 7);
    ask(postgres.newDatabase(), "sonde.collector.idle-after=1h", 30);
    System.out.println(asked + " questions asked");
    assertThat(asked).isGreaterThanOrEqualTo(10_000);
  }

  /** Between the rounds more collectors take over; each round meets samples of all owners. */
  @Test
  void soItDoesAfterTheNumberOfCollectorsWasRaised() throws Exception {
    DatabaseSettings settings = postgres.newDatabase();
    model = new NaiveModel();
    List<Sample> all = new ArrayList<>();
    for (int collectors : new int[] {2, 3, 3, 8, 8 + random.nextInt(30)}) {
      grow(settings, collectors);
      try (TestNode node = start(settings, "sonde.collector.idle-after=1h", 7)) {
        resend(node, all);
        all.addAll(add(node, 100 + random.nextInt(200)));
        askMany(node, 200);
        resend(node, all);
      }
    }
  }

  private static void grow(DatabaseSettings settings, int collectors) {
    try (Database database = Database.open(settings)) {
      Migrations.run(settings);
      Slots slots = Slots.loadOrCreate(database, collectors);
      if (slots.collectors() < collectors) {
        new Growth(database, COLLECTORS, System.out::println).to(slots, collectors);
      }
    }
  }

  /** Every sample is recognised, whoever owned its resource when it came first. */
  private void resend(TestNode node, List<Sample> all) throws Exception {
    List<Sample> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, random);
    assertThat(TestNode.get(node.collectors.add("model", SampleBatch.of(shuffled))))
        .isEqualTo(new Receipt(0, all.size(), 0));
  }

  private static TestNode start(DatabaseSettings settings, String idle, int chunkSamples)
      throws Exception {
    return TestNode.start(
        settings,
        idle,
        "akka.actor.serialize-messages=off",
        "sonde.collector.flush-interval=0s",
        "sonde.collector.chunk-samples=" + chunkSamples,
        "sonde.collector.keep-flushed=1s");
  }

  private void ask(DatabaseSettings settings, String idle, int chunkSamples) throws Exception {
    model = new NaiveModel();
    try (TestNode node = start(settings, idle, chunkSamples)) {
      for (int round = 0; round < ROUNDS; round++) {
        add(node, 10 + random.nextInt(90));
        askMany(node, QUERIES);
        long flushes = round / 2;
        Wait.until(
            Duration.ofSeconds(20),
            "a flush",
            () -> TestPostgres.number(settings, "SELECT max(generation) FROM collector") > flushes);
      }
    }
  }

  private List<Sample> add(TestNode node, int count) throws Exception {
    List<Sample> batch = new ArrayList<>();
    Map<String, Map<String, Object>> trees = new HashMap<>();
    List<Map<String, Object>> some = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      some.add(queries.tree());
    }
    for (int i = 0; i < count; i++) {
      Map<String, Object> tree = some.get(random.nextInt(some.size()));
      Sample sample = queries.sample(tree);
      String id = SampleId.of(sample.series(), sample.timestamp(), sample.key());
      if (!model.all.containsKey(id) && trees.putIfAbsent(id, tree) == null) {
        batch.add(sample);
      }
    }
    long before = Instant.now().getEpochSecond();
    TestNode.get(node.collectors.add("model", SampleBatch.of(batch)));
    long after = Instant.now().getEpochSecond();
    // When a sample was recorded is the collector's to say.
    Map<String, Long> recorded = new HashMap<>();
    for (StoredSample stored : TestNode.get(node.queries.samples(SampleFilter.ALL, 100_000))) {
      recorded.put(stored.id(), stored.recordedAt());
    }
    assertThat(recorded).hasSize(model.all.size() + batch.size());
    for (Sample sample : batch) {
      String id = SampleId.of(sample.series(), sample.timestamp(), sample.key());
      assertThat(recorded.get(id)).isBetween(before, after);
      model.add(sample, trees.get(id), recorded.get(id));
    }
    return batch;
  }

  /** Several at once, as callers do. */
  private void askMany(TestNode node, int questions) throws Exception {
    List<Entry> all = List.copyOf(model.all.values());
    Deque<Runnable> checks = new ArrayDeque<>();
    for (int i = 0; i < questions; i++) {
      checks.add(
          switch (random.nextInt(8)) {
            case 0 -> meters(node.queries, all);
            case 1 -> resources(node.queries, all);
            case 2, 3, 4 -> samples(node.queries, all);
            default -> statistics(node.queries, all);
          });
      asked++;
      if (checks.size() > AT_ONCE) {
        checks.remove().run();
      }
    }
    checks.forEach(Runnable::run);
  }

  private Runnable samples(QueryService service, List<Entry> all) {
    SampleFilter filter = queries.filter(all);
    List<Order> orders = queries.orders();
    int limit = queries.limit();
    return check(
        filter + " by " + orders + " limit " + limit,
        service.samples(filter, orders, limit),
        found -> {
          assertThat(found.stream().map(StoredSample::id).toList())
              .isEqualTo(model.samples(filter, orders, limit));
          for (StoredSample stored : found) {
            Entry entry = model.all.get(stored.id());
            assertThat(stored.sample()).isEqualTo(entry.sample());
            assertThat(stored.recordedAt()).isEqualTo(entry.recordedAt());
          }
        });
  }

  private Runnable meters(QueryService service, List<Entry> all) {
    SampleFilter filter = queries.unbounded(all);
    int limit = queries.limit();
    return check(
        "meters of " + filter,
        service.meters(filter, limit),
        found -> {
          Set<List<Object>> expected = model.meters(filter);
          Set<List<Object>> meters = new HashSet<>();
          for (Series series : found) {
            assertThat(series.dimensions()).isEmpty();
            meters.add(NaiveModel.meter(series));
          }
          assertThat(found).hasSize(Math.min(limit, expected.size()));
          assertThat(meters).hasSameSizeAs(found);
          assertThat(expected).containsAll(meters);
        });
  }

  private Runnable resources(QueryService service, List<Entry> all) {
    SampleFilter filter = queries.filter(all);
    int limit = queries.limit();
    return check(
        "resources of " + filter,
        service.resources(filter, limit),
        found -> assertThat(found).isEqualTo(model.resources(filter, limit)));
  }

  private Runnable statistics(QueryService service, List<Entry> all) {
    SampleFilter filter = queries.filter(all);
    StatisticsQuestion question = queries.question(model::shown);
    return check(
        "statistics " + question + " of " + filter,
        service.statistics(filter, question),
        rows -> assertRows(rows, model.statistics(filter, question), question));
  }

  private static void assertRows(
      List<StatisticsRow> rows,
      Map<NaiveModel.RowKey, NaiveModel.Row> expected,
      StatisticsQuestion question) {
    assertThat(rows).hasSize(expected.size());
    for (StatisticsRow row : rows) {
      NaiveModel.Row wanted =
          expected.get(
              new NaiveModel.RowKey(
                  question.periodSeconds() == 0 ? 0 : row.periodStart(),
                  row.unit(),
                  new HashMap<>(row.group())));
      assertThat(wanted).as("%s", row).isNotNull();
      assertThat(row.count()).isEqualTo(wanted.count());
      assertThat(row.min()).isEqualTo(wanted.min());
      assertThat(row.max()).isEqualTo(wanted.max());
      assertThat(row.sum() + 0.0).isEqualTo(wanted.sum().doubleValue());
      assertThat(row.avg() + 0.0).isEqualTo(wanted.sum().doubleValue() / wanted.count());
      assertThat(row.first()).isEqualTo(wanted.first());
      assertThat(row.last()).isEqualTo(wanted.last());
      assertThat(row.cardinalities()).isEqualTo(wanted.distinct());
      if (question.hasDeviation()) {
        assertThat(row.deviation())
            .isCloseTo(wanted.deviation(), within(2 * Math.ulp(wanted.deviation())));
      } else {
        assertThat(row.deviation()).isNaN();
      }
    }
  }

  private static <T> Runnable check(
      String question, CompletionStage<T> answer, Consumer<T> assertion) {
    return () -> {
      try {
        assertion.accept(TestNode.join(answer));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(question, e);
      }
    };
  }
}
