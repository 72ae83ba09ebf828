package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import akka.actor.typed.DispatcherSelector;
import com.typesafe.config.ConfigFactory;
import io.sonde.Seed;
import io.sonde.collector.CollectorSettings;
import io.sonde.collector.Growth;
import io.sonde.http.ApiServer;
import io.sonde.model.EventFilter;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleId;
import io.sonde.query.NaiveModel.Entry;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore;
import io.sonde.store.Migrations;
import io.sonde.store.Slots;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
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
 * The service, and HTTP, say what a naive model says, of random samples that lie in open blocks,
 * sealed chunks, kept generations and rows, while they are flushed, and of random events. {@code
 * -Dmodel.questions=N} asks so many instead of a few.
 */
class QueryModelIT {
  private static final int QUESTIONS = Integer.getInteger("model.questions", 1_000);
  private static final int ROUNDS = Math.max(5, QUESTIONS / 400);
  private static final int AT_ONCE = 16;
  private static final CollectorSettings COLLECTORS =
      CollectorSettings.from(ConfigFactory.load().getConfig("sonde.collector"));

  @TempDir static Path folder;
  private static TestPostgres postgres;

  private final Random random = Seed.random();
  private final RandomQueries queries =
      new RandomQueries(random, Instant.now().getEpochSecond() * 1_000_000);
  private NaiveModel model;
  private EventModel events;
  private int sets;
  private int asked;
  private int overHttp;

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
    System.out.println(
        sets + " sets of data, " + asked + " questions, " + overHttp + " of them over HTTP");
    assertThat(asked).isGreaterThanOrEqualTo(QUESTIONS);
    assertThat(overHttp).isGreaterThan(QUESTIONS / 4);
  }

  /** Between the rounds more collectors take over; each round meets samples of all owners. */
  @Test
  void soItDoesAfterTheNumberOfCollectorsWasRaised() throws Exception {
    DatabaseSettings settings = postgres.newDatabase();
    model = new NaiveModel();
    events = new EventModel(random, Instant.now().getEpochSecond() * 1_000_000);
    List<Sample> all = new ArrayList<>();
    for (int collectors : new int[] {2, 3, 3, 8, 8 + random.nextInt(30)}) {
      grow(settings, collectors);
      try (TestNode node = start(settings, "sonde.collector.idle-after=1h", 7)) {
        resend(node, all);
        all.addAll(add(node, 100 + random.nextInt(200)));
        askMany(node, doors(node), 200);
        resend(node, all);
      }
    }
  }

  /** What is asked besides samples, and over HTTP. */
  private record Doors(EventStore store, EventService events, HttpModel http) {}

  private Doors doors(TestNode node) throws Exception {
    EventStore store = new EventStore(node.database);
    EventService service =
        new EventService(
            store,
            EventRetention.from(ConfigFactory.parseString("events.keep = null"), Clock.systemUTC()),
            node.system
                .dispatchers()
                .lookup(DispatcherSelector.fromConfig("sonde.blocking-dispatcher")));
    URI base = ApiServer.over(node, service);
    return new Doors(store, service, new HttpModel(base, random, queries, model, events));
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
    events = new EventModel(random, Instant.now().getEpochSecond() * 1_000_000);
    try (TestNode node = start(settings, idle, chunkSamples)) {
      Doors doors = doors(node);
      for (int round = 0; round < ROUNDS; round++) {
        add(node, 10 + random.nextInt(90));
        addEvents(doors.store(), random.nextInt(30));
        sets++;
        askMany(node, doors, QUESTIONS / (2 * ROUNDS) + 1);
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

  private void addEvents(EventStore store, int count) {
    List<EventStore.Routed> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      added.add(new EventStore.Routed(events.add(), "model", Set.of()));
    }
    assertThat(store.add(added, routed -> List.of()).accepted()).isEqualTo(count);
  }

  /** Several at once, as callers do. */
  private void askMany(TestNode node, Doors doors, int questions) throws Exception {
    List<Entry> all = List.copyOf(model.all.values());
    Deque<Runnable> checks = new ArrayDeque<>();
    for (int i = 0; i < questions; i++) {
      asked++;
      if (random.nextInt(3) == 0) {
        doors.http().ask(all);
        overHttp++;
        continue;
      }
      checks.add(
          switch (random.nextInt(12)) {
            case 0 -> meters(node.queries, all);
            case 1 -> resources(node.queries, all);
            case 2, 3, 4 -> samples(node.queries, all);
            case 5, 6 -> usage(node.queries, all);
            case 7, 8 -> events(doors.events());
            default -> statistics(node.queries, all);
          });
      if (checks.size() > AT_ONCE) {
        checks.remove().run();
      }
    }
    checks.forEach(Runnable::run);
  }

  private Runnable events(EventService service) {
    EventFilter filter = events.filter();
    int limit = queries.limit();
    String name = events.name();
    return switch (random.nextInt(4)) {
      case 0 ->
          check(
              "types of " + filter,
              service.types(filter, null, limit),
              limited(events.types(filter), limit));
      case 1 ->
          check(
              "traits of " + filter,
              service.traits(filter, null, limit),
              limited(events.traits(filter), limit));
      case 2 ->
          check(
              name + " of " + filter,
              service.values(filter, name, null, limit),
              limited(events.values(filter, name), limit));
      default ->
          check(
              "events of " + filter,
              service.find(filter, null, limit),
              limited(events.find(filter), limit));
    };
  }

  private static <T> Consumer<List<T>> limited(List<T> expected, int limit) {
    return found -> assertThat(found).isEqualTo(expected.stream().limit(limit).toList());
  }

  private Runnable usage(QueryService service, List<Entry> all) {
    UsageQuestion question = queries.usage(model::shown).asOf(queries.asOf(all));
    return check(
        "usage " + question,
        service.usage(question),
        rows -> {
          Map<NaiveModel.UsageKey, NaiveModel.UsageSum> expected = model.usage(question);
          assertThat(rows).hasSize(expected.size());
          for (UsageRow row : rows) {
            NaiveModel.UsageSum wanted =
                expected.get(
                    new NaiveModel.UsageKey(
                        row.periodStart(), row.unit(), row.type(), new HashMap<>(row.group())));
            assertThat(wanted).as("%s", row).isNotNull();
            double quantity = wanted.quantity.doubleValue();
            assertThat(row.quantity() + 0.0)
                .isEqualTo((row.type() == MeterType.GAUGE ? quantity / 3.6e9 : quantity) + 0.0);
            assertThat(row.samples()).isEqualTo(wanted.samples);
            assertThat(row.resources()).isEqualTo(wanted.resources.size());
            assertThat(row.covered()).isEqualTo(wanted.covered);
            assertThat(row.gaps()).isEqualTo(wanted.gaps);
            assertThat(row.gapTime()).isEqualTo(wanted.gapTime);
            assertThat(row.longestGap()).isEqualTo(wanted.longestGap);
            assertThat(row.resets()).isEqualTo(wanted.resets);
          }
        });
  }

  private Runnable samples(QueryService service, List<Entry> all) {
    SampleFilter filter = queries.filter(all).asOf(queries.asOf(all));
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
          assertThat(found).allSatisfy(series -> assertThat(series.dimensions()).isEmpty());
          assertThat(found.stream().map(NaiveModel::meter).toList())
              .isEqualTo(model.meters(filter).stream().limit(limit).toList());
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
    SampleFilter filter = queries.filter(all).asOf(queries.asOf(all));
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
