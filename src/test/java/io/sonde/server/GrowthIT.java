package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.collector.Collector;
import io.sonde.collector.CollectorSettings;
import io.sonde.collector.Growth;
import io.sonde.collector.JournalEvents;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.publish.Publication;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsQuestion;
import io.sonde.query.StoredSample;
import io.sonde.query.UsageQuestion;
import io.sonde.query.UsageRow;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.JournalStore;
import io.sonde.store.Slots;
import io.sonde.store.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More collectors for a database that has samples: nothing that is asked has another answer. */
@Tag("long")
class GrowthIT {
  private static final long START = 1_767_225_600_000_000L; // 2026-01-01T00:00Z
  private static final long HOUR = 3_600_000_000L;
  private static final int RESOURCES = 40;
  private static final TestWorkload WORKLOAD = new TestWorkload(RESOURCES, START, HOUR);
  private static final int HOURS = 80;
  private static final CollectorSettings COLLECTORS =
      CollectorSettings.from(ConfigFactory.load().getConfig("sonde.collector"));

  /** Blocks stay open, so that there is something that rows do not hold. */
  private static final String[] OPEN = {
    "sonde.collector.collectors=2",
    "sonde.collector.idle-after=1h",
    "sonde.collector.chunk-samples=20",
    "sonde.collector.flush-interval=0s",
    "sonde.collector.keep-flushed=0s"
  };

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private DatabaseSettings settings;

  @BeforeAll
  static void startPostgres() {
    postgres = TestPostgres.start(folder.resolve("data"));
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @BeforeEach
  void createDatabase() throws Exception {
    settings = postgres.newDatabase();
  }

  @Test
  void theSameIsAnsweredAfterwardsAndCopiesAreRecognised() throws Exception {
    List<Object> before;
    try (TestNode node = TestNode.start(settings, OPEN)) {
      fill(node);
      before = answers(node, 0);
    }
    for (int collectors : new int[] {3, 8}) {
      grow(collectors);
      try (TestNode node = TestNode.start(settings, OPEN)) {
        assertThat(node.collectors.count()).isEqualTo(collectors);
        assertThat(answers(node, 0)).isEqualTo(before);
        for (int hour = 0; hour < HOURS; hour += 7) {
          assertThat(add(node, WORKLOAD.at(hour))).isEqualTo(new Receipt(0, 2 * RESOURCES, 0));
        }
        // Late, between samples that lie under former owners, and new once.
        long late = START + collectors * HOUR / 10;
        assertThat(add(node, WORKLOAD.late("late", late))).isEqualTo(new Receipt(RESOURCES, 0, 0));
        assertThat(add(node, WORKLOAD.late("late", late))).isEqualTo(new Receipt(0, RESOURCES, 0));
        before = answers(node, 0);
      }
    }
    // What is new is one chain with what lies under the former owners.
    try (TestNode node = TestNode.start(settings, OPEN)) {
      for (int hour = HOURS; hour < HOURS + 24; hour++) {
        assertThat(add(node, WORKLOAD.at(hour))).isEqualTo(new Receipt(2 * RESOURCES, 0, 0));
      }
      UsageRow growth = usage(node, "cpu", 24).get(0);
      assertThat(growth.quantity()).isEqualTo((HOURS + 23) * 10.0 * RESOURCES);
      assertThat(growth.gaps()).isZero();
      assertThat(growth.resets()).isZero();
      assertThat(count(node)).isEqualTo(2L * RESOURCES * (HOURS + 24) + 3 * RESOURCES);
      Wait.until(
          Duration.ofSeconds(20),
          "chunk rows of all collectors",
          () -> number("SELECT count(DISTINCT collector) FROM chunk") == 8);
    }
    assertJournalsHoldTogether(8);
    assertThat(number("SELECT count(*) FROM slot WHERE collector >= 2"))
        .isEqualTo(Slots.COUNT * 3 / 4);
  }

  @Test
  void brokenOffAtAnyMomentItLeavesTheOldNumberOrTheNewOne() throws Exception {
    List<Object> before;
    try (TestNode node = TestNode.start(settings, OPEN)) {
      fill(node);
      before = answers(node, 0);
    }
    List<String> brokenOffAt = new ArrayList<>();
    for (boolean isDone = false; !isDone; ) {
      // A flush is not undone, so it is the first step once only; the moves are one transaction.
      long moves = brokenOffAt.stream().filter(line -> line.contains("series go")).count();
      AtomicLong left = new AtomicLong(moves);
      try {
        grow(
            3,
            line -> {
              if (left.getAndDecrement() == 0) {
                brokenOffAt.add(line);
                throw new IllegalStateException("broken off");
              }
            });
      } catch (IllegalStateException e) {
        isDone = number("SELECT count(*) FROM collector") == 3;
        assertThat(number("SELECT count(DISTINCT collector) FROM slot")).isEqualTo(isDone ? 3 : 2);
      }
    }
    // Two flushes, a move from each of two collectors, and the end.
    assertThat(brokenOffAt).hasSize(5);
    try (TestNode node = TestNode.start(settings, OPEN)) {
      assertThat(answers(node, 0)).isEqualTo(before);
    }
    assertJournalsHoldTogether(3);
  }

  /** The command as it is called; it is killed once while it waits within its transaction. */
  @Test
  void theCommandSaysWhatItDidAndMayBeKilled() throws Exception {
    List<Object> before;
    try (TestNode node = TestNode.start(settings, OPEN)) {
      fill(node);
      before = answers(node, 0);
    }
    Process command;
    try (Connection connection = TestPostgres.connect(settings);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT FROM slot WHERE slot = 0 FOR UPDATE");
      command =
          new ProcessBuilder(SondeProcess.command(arguments("4")))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("killed.log").toFile())
              .start();
      Wait.until(
          Duration.ofSeconds(60),
          "the change waits for the locked slot",
          () ->
              number(
                      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                          + " AND query LIKE 'UPDATE slot%' AND datname = current_database()")
                  == 1);
      command.destroyForcibly().waitFor();
      connection.rollback();
    }
    Wait.until(
        Duration.ofSeconds(20),
        "the killed command's transaction is over",
        () ->
            number(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND pid <> pg_backend_pid()")
                == 0);
    assertThat(number("SELECT count(*) FROM collector")).isEqualTo(2);

    SondeCommand same = SondeCommand.run(folder, arguments("2"));
    SondeCommand raised = SondeCommand.run(folder, arguments("4"));
    SondeCommand fewer = SondeCommand.run(folder, arguments("3"));

    assertThat(same.output()).isEqualTo("there are 2 collectors already\n");
    assertThat(same.exitCode()).isZero();
    assertThat(raised.errors()).isEmpty();
    assertThat(raised.output()).endsWith("512 of 1024 slots have moved: there are 4 collectors\n");
    assertThat(raised.exitCode()).isZero();
    assertThat(fewer.exitCode()).isEqualTo(2);
    assertThat(fewer.errors()).contains("3: a number from 4, which there are now, to 1024");
    try (TestNode node = TestNode.start(settings, OPEN)) {
      assertThat(answers(node, 0)).isEqualTo(before);
    }
  }

  /** As after a pause: it neither writes nor answers with what it knew. */
  @Test
  void aNodeThatSleptThroughItLeaves() throws Exception {
    try (TestNode sleeper = TestNode.start(settings, OPEN)) {
      add(sleeper, WORKLOAD.at(0));
      Wait.until(
          Duration.ofSeconds(20),
          "both collectors' flushes",
          () -> number("SELECT count(*) FROM collector WHERE flushed > 0") == 2);
      grow(3);
      assertThatThrownBy(() -> add(sleeper, WORKLOAD.at(1))).isInstanceOf(ExecutionException.class);
      TestNode.get(sleeper.system.getWhenTerminated());
    }
    try (TestNode node = TestNode.start(settings, OPEN)) {
      assertThat(count(node)).isEqualTo(2L * RESOURCES);
      assertThat(add(node, WORKLOAD.at(0))).isEqualTo(new Receipt(0, 2 * RESOURCES, 0));
      assertThat(add(node, WORKLOAD.at(1))).isEqualTo(new Receipt(2 * RESOURCES, 0, 0));
    }
    assertJournalsHoldTogether(3);
  }

  @Test
  void aJournalThatIsWrittenMeanwhileStopsIt() throws Exception {
    try (TestNode node = TestNode.start(settings, OPEN)) {
      assertThatThrownBy(
              () -> {
                add(node, WORKLOAD.at(0));
                grow(3, line -> addNow(node, WORKLOAD.at(line.contains("collector 0") ? 1 : 2)));
              })
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("stop all nodes");
      assertThat(number("SELECT count(*) FROM collector")).isEqualTo(2);
    }
  }

  @Test
  void aPublisherLeavesNothingOut() throws Exception {
    Path file = folder.resolve("published.jsonl");
    List<Publication> publications = List.of(new Publication("file://" + file, Set.of("sink")));
    try (TestNode node = TestNode.start(settings, publications, OPEN)) {
      TestNode.get(node.collectors.add("sink", WORKLOAD.at(0)));
      awaitLines(file, 2 * RESOURCES);
    }
    grow(5);
    // Nobody publishes while this comes, so only a position from before it has it published.
    try (TestNode node = TestNode.start(settings, OPEN)) {
      TestNode.get(node.collectors.add("sink", WORKLOAD.at(1)));
    }
    try (TestNode node = TestNode.start(settings, publications, OPEN)) {
      TestNode.get(node.collectors.add("sink", WORKLOAD.at(2)));
      awaitLines(file, 6 * RESOURCES);
    }
    assertThat(Files.readAllLines(file)).hasSize(6 * RESOURCES).doesNotHaveDuplicates();
  }

  private static void awaitLines(Path file, long lines) {
    Wait.until(
        Duration.ofSeconds(20),
        lines + " published lines",
        () -> Files.exists(file) && Files.readAllLines(file).size() >= lines);
  }

  private void grow(int collectors) {
    grow(collectors, System.out::println);
  }

  private void grow(int collectors, Consumer<String> progress) {
    try (Database database = Database.open(settings)) {
      new Growth(database, COLLECTORS, progress).to(Slots.load(database).orElseThrow(), collectors);
    }
  }

  private List<String> arguments(String number) {
    return List.of(
        "collectors",
        number,
        "--set",
        "sonde.database.url=\"" + settings.url() + "\"",
        "--set",
        "sonde.database.user=" + settings.user(),
        "--set",
        "sonde.database.password=" + settings.password());
  }

  /** Several days, copies among them, metadata that changes, and what comes late. */
  private static void fill(TestNode node) throws Exception {
    for (int hour = 0; hour < HOURS; hour++) {
      assertThat(add(node, WORKLOAD.at(hour))).isEqualTo(new Receipt(2 * RESOURCES, 0, 0));
      if (hour % 10 == 9) {
        assertThat(add(node, WORKLOAD.at(hour - 9))).isEqualTo(new Receipt(0, 2 * RESOURCES, 0));
      }
    }
    add(node, WORKLOAD.late("extra", START + 2 * HOUR + 1));
  }

  /** Of all kinds of questions. */
  private static List<Object> answers(TestNode node, int moreHours) throws Exception {
    List<Object> answers = new ArrayList<>();
    List<StoredSample> samples = TestNode.get(node.queries.samples(SampleFilter.ALL, 100_000));
    answers.add(samples);
    answers.add(TestNode.get(node.queries.meters(SampleFilter.ALL, 1_000)));
    answers.add(TestNode.get(node.queries.resources(SampleFilter.ALL, 1_000)));
    answers.add(usage(node, "cpu", moreHours));
    answers.add(usage(node, "load", moreHours));
    answers.add(
        TestNode.get(
            node.queries.statistics(
                SampleFilter.ALL, StatisticsQuestion.of(24 * 3_600, SeriesField.PROJECT_ID))));
    for (int i = 0; i < RESOURCES; i += 9) {
      SampleFilter one =
          new SampleFilter(
              Map.of(SeriesField.RESOURCE_ID, "r" + i),
              START + HOUR / 2,
              START + 70 * HOUR,
              SampleFilter.ALL.rest());
      answers.add(TestNode.get(node.queries.statistics(one, StatisticsQuestion.of(3_600))));
      answers.add(TestNode.get(node.queries.samples(one, 50)));
      answers.add(TestNode.get(node.queries.resources(one, 10)));
    }
    for (int i = 0; i < samples.size(); i += samples.size() / 20) {
      String id = samples.get(i).id();
      assertThat(TestNode.get(node.queries.samples(byId(id), 10))).containsExactly(samples.get(i));
    }
    return answers;
  }

  private static SampleFilter byId(String id) {
    return SampleFilter.of(
        new Condition.Compare(Field.Column.MESSAGE_ID, Condition.Operator.EQ, id));
  }

  private static List<UsageRow> usage(TestNode node, String meter, int moreHours) throws Exception {
    return TestNode.get(
        node.queries.usage(
            new UsageQuestion(
                new SeriesFilter(Map.of(SeriesField.METER, meter)),
                LongStream.of(START, START + (HOURS + moreHours) * HOUR).boxed().toList(),
                new TreeMap<>(),
                2 * HOUR,
                (metadata, key) -> null)));
  }

  private static long count(TestNode node) throws Exception {
    return TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0)))
        .get(0)
        .count();
  }

  /** Every journal from its first event on, as a replay would read it. */
  private void assertJournalsHoldTogether(int collectors) throws Exception {
    Verified.assertWhole(settings);
    try (Database database = Database.open(settings)) {
      JournalStore journal = new JournalStore(database);
      for (int collector = 0; collector < collectors; collector++) {
        String id = Collector.persistenceId(collector);
        Map<Integer, Series> series = new TreeMap<>();
        List<JournalStore.StoredEvent> events = journal.eventsAfter(id, 0);
        long sequence = 0;
        while (!events.isEmpty()) {
          for (JournalStore.StoredEvent event : events) {
            assertThat(event.sequence()).isEqualTo(++sequence);
            JournalEvents block = JournalEvents.of(event.payload());
            series.putAll(block.newSeries());
            block
                .samples(sink -> true)
                .forEach(sample -> assertThat(series).containsKey(sample.series()));
          }
          events = journal.eventsAfter(id, sequence);
        }
        assertThat(sequence).isPositive();
        assertThat(series)
            .hasSize((int) number("SELECT count(*) FROM series WHERE collector = " + collector));
      }
    }
  }

  private static Receipt add(TestNode node, SampleBatch batch) throws Exception {
    return TestNode.get(node.collectors.add("store", batch));
  }

  private static void addNow(TestNode node, SampleBatch batch) {
    TestNode.join(node.collectors.add("store", batch));
  }

  private long number(String sql) throws Exception {
    return TestPostgres.number(settings, sql);
  }
}
