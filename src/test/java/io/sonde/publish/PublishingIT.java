package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleId;
import io.sonde.series.BatchCodec;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.Slots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes to a file outside, over a real PostgreSQL. */
class PublishingIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private DatabaseSettings settings;
  @TempDir Path out;

  @BeforeAll
  static void startPostgres() {
    postgres = TestPostgres.start(folder);
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
  void everySampleOfTheSinkComesOnceAndInOrderAlsoAfterARestart() throws Exception {
    Path file = out.resolve("new/samples.jsonl");
    List<Publication> publications = publications(file, "store");
    try (TestNode node =
        TestNode.start(
            settings,
            publications,
            "sonde.collector.flush-interval=0s",
            "sonde.collector.keep-flushed=0s")) {
      for (int i = 0; i < 40; i++) {
        add(node, "store", i * 25, 25);
        add(node, "other", 100_000 + i, 1);
      }
      add(node, "other,store", 1_000, 1);
      awaitLines(file, 1_001);
    }
    try (TestNode node = TestNode.start(settings)) {
      add(node, "store", 1_001, 99);
    }
    try (TestNode node = TestNode.start(settings, publications)) {
      awaitLines(file, 1_100);
      add(node, "store", 1_100, 1);
      awaitLines(file, 1_101);
    }
    assertComplete(file, 1_101);
  }

  @Test
  void aPathThatCannotBeWrittenHoldsNobodyUp() throws Exception {
    Path blocked = out.resolve("blocked");
    Files.writeString(blocked, "a file where a folder is wanted");
    Path file = blocked.resolve("samples.jsonl");
    try (TestNode node = TestNode.start(settings, publications(file, "store"))) {
      for (int i = 0; i < 10; i++) {
        add(node, "store", i * 10, 10);
      }
      Files.delete(blocked);
      awaitLines(file, 100);
      assertComplete(file, 100);
    }
  }

  /** The consumer is away for longer than anything waits. */
  @Test
  void whatIsTooFarBehindIsLeftOutAndCounted() throws Exception {
    Path blocked = out.resolve("blocked");
    Files.writeString(blocked, "a file where a folder is wanted");
    Path file = blocked.resolve("samples.jsonl");
    String name = "file://" + file;
    try (TestNode node =
        TestNode.start(settings, publications(file, "store"), "sonde.publish.max-behind-age=1s")) {
      add(node, "store", 0, 40);
      add(node, "other", 40, 10);
      Wait.until(
          Duration.ofSeconds(30),
          "what is too old is left out",
          () -> PublisherMetrics.OVERFLOW.labelValues(name, "age").get() >= 40);
      Files.delete(blocked);
      add(node, "store", 1_000, 40);
      awaitLines(file, 40);
    }
    assertThat(PublisherMetrics.OVERFLOW.labelValues(name, "age").get()).isEqualTo(40);
    assertThat(PublisherMetrics.PUBLISHED.labelValues(name).get()).isEqualTo(40);
    assertThat(PublisherMetrics.FAILURES.labelValues(name).get()).isPositive();
    assertThat(PublisherMetrics.RETRIES.labelValues(name).get()).isPositive();
    assertThat(Files.readAllLines(file)).hasSize(40).noneMatch(line -> line.contains(":39.0,"));
  }

  @Test
  void whatIsNotStoredIsHandedOverAllTheSameAlsoAfterARestart() throws Exception {
    Path blocked = out.resolve("blocked");
    Files.writeString(blocked, "a file where a folder is wanted");
    Path first = out.resolve("first.jsonl");
    Path second = blocked.resolve("second.jsonl");
    List<Publication> publications = List.of(queued(first, "out"), queued(second, "out"));
    try (TestNode node = TestNode.start(settings, publications)) {
      for (int i = 0; i < 40; i++) {
        deliver(node, "out", i * 25, 25);
      }
      awaitLines(first, 1_000);
      assertComplete(first, 1_000);
    }
    Files.delete(blocked);
    try (TestNode node = TestNode.start(settings, publications)) {
      deliver(node, "out", 1_000, 100);
      awaitLines(first, 1_100);
      awaitLines(second, 1_100);
      awaitEmptyQueue();
    }
    assertComplete(first, 1_100);
    assertComplete(second, 1_100);
    assertThat(TestPostgres.number(settings, "SELECT count(*) FROM event_journal")).isZero();
  }

  /** The collector, and with it the reader of the queue, may be on another node. */
  @Test
  void everyNodeQueuesForTheReadersOfAll() throws Exception {
    Path file = out.resolve("samples.jsonl");
    List<Publication> publications = List.of(queued(file, "out"));
    try (TestNode one = TestNode.start(settings, publications);
        TestNode two = TestNode.join(one, settings, publications)) {
      deliver(one, "out", 0, 100);
      awaitLines(file, 100);
      deliver(two, "out", 100, 100);
      awaitLines(file, 200);
    }
    assertComplete(file, 200);
  }

  /** A transaction that took a lower number may commit after one that took a higher one. */
  @Test
  void aRowThatBecomesVisibleLateIsHandedOver() throws Exception {
    Path file = out.resolve("samples.jsonl");
    try (TestNode node = TestNode.start(settings, List.of(queued(file, "out")));
        Connection late = TestPostgres.connect(settings)) {
      late.setAutoCommit(false);
      try (PreparedStatement insert =
          late.prepareStatement(
              "INSERT INTO publish_queue (publisher, collector, recorded, payload)"
                  + " VALUES (?, 0, extract(epoch FROM now()), ?)")) {
        insert.setString(1, "file://" + file);
        insert.setBytes(2, BatchCodec.encode(batch(0, 10)));
        insert.executeUpdate();
      }
      deliver(node, "out", 10, 90);
      awaitLines(file, 90);
      late.commit();
      awaitLines(file, 100);
      awaitEmptyQueue();
    }
    assertThat(Files.readAllLines(file)).hasSize(100);
  }

  /** A sink that gives up collector:// leaves what was recorded before in the journal. */
  @Test
  void aSinkThatIsNotStoredAnyMoreLeavesNothingBehind() throws Exception {
    Path blocked = out.resolve("blocked");
    Files.writeString(blocked, "a file where a folder is wanted");
    Path file = blocked.resolve("samples.jsonl");
    try (TestNode node = TestNode.start(settings, publications(file, "out"))) {
      add(node, "out", 0, 50);
    }
    Files.delete(blocked);
    try (TestNode node = TestNode.start(settings, List.of(queued(file, "out")))) {
      awaitLines(file, 50);
      deliver(node, "out", 50, 50);
      awaitLines(file, 100);
      Wait.until(
          Duration.ofSeconds(30),
          "no position in the journal",
          () -> TestPostgres.number(settings, "SELECT count(*) FROM publisher_position") == 0);
    }
    assertComplete(file, 100);
  }

  @Test
  void ofWhatIsTooMuchInTheQueueTheNewestIsKept() throws Exception {
    Path blocked = out.resolve("blocked");
    Files.writeString(blocked, "a file where a folder is wanted");
    Path file = blocked.resolve("samples.jsonl");
    String name = "file://" + file;
    try (TestNode node =
        TestNode.start(
            settings,
            List.of(queued(file, "out")),
            "sonde.collector.collectors=1",
            "sonde.publish.max-behind-bytes=8KiB")) {
      for (int i = 0; i < 40; i++) {
        deliver(node, "out", i * 25, 25);
      }
      Wait.until(
          Duration.ofSeconds(60),
          "8 KiB are left",
          () ->
              TestPostgres.number(settings, "SELECT sum(octet_length(payload)) FROM publish_queue")
                  <= 8192);
      Files.delete(blocked);
      double leftOut = PublisherMetrics.OVERFLOW.labelValues(name, "bytes").get();
      assertThat(leftOut).isBetween(100.0, 975.0);
      awaitLines(file, 1_000 - (int) leftOut);
      awaitEmptyQueue();
      assertThat(PublisherMetrics.OVERFLOW.labelValues(name, "bytes").get()).isEqualTo(leftOut);
      List<String> lines = Files.readAllLines(file);
      assertThat(lines).hasSize(1_000 - (int) leftOut);
      assertThat(JSON.readTree(lines.get(0)).get("counter_volume").asInt())
          .isEqualTo((int) leftOut);
    }
  }

  @Test
  void whatWaitsForPublishersThatAreGoneIsDroppedWhenItIsTooOld() throws Exception {
    String insert =
        "INSERT INTO publish_queue (publisher, collector, recorded, payload)"
            + " VALUES ('%s', 0, extract(epoch FROM now()) - %d, 'x')";
    try (TestNode node = TestNode.start(settings)) {
      TestPostgres.execute(settings, insert.formatted("file:///gone", 8 * 86_400));
      TestPostgres.execute(settings, insert.formatted("file:///gone", 6 * 86_400));
      TestPostgres.execute(settings, insert.formatted("file:///here", 8 * 86_400));
      new Publishing(
              new PublishSettings(Duration.ofDays(7), 1L << 30, Duration.ofMinutes(1), ""),
              List.of(new Publication("file:///here", Set.of("out"), Set.of("out"))),
              List.of(),
              node.database,
              Slots.loadOrCreate(node.database, 2),
              Runnable::run)
          .dropForgotten();
      assertThat(TestPostgres.number(settings, "SELECT count(*) FROM publish_queue")).isEqualTo(2);
    }
  }

  private static Publication queued(Path file, String sink) {
    return new Publication("file://" + file, Set.of(sink), Set.of(sink));
  }

  private static void deliver(TestNode node, String sink, int from, int count) throws Exception {
    assertThat(TestNode.get(node.delivery.deliver(sink, batch(from, count))))
        .isEqualTo(new Receipt(count, 0, 0));
  }

  private void awaitEmptyQueue() {
    Wait.until(
        Duration.ofSeconds(30),
        "nothing in the queue",
        () -> TestPostgres.number(settings, "SELECT count(*) FROM publish_queue") == 0);
  }

  private static List<Publication> publications(Path file, String sink) {
    return List.of(new Publication("file://" + file, Set.of(sink)));
  }

  private static void add(TestNode node, String sink, int from, int count) throws Exception {
    assertThat(TestNode.get(node.collectors.add(sink, batch(from, count))).accepted())
        .isEqualTo(count);
  }

  private static SampleBatch batch(int from, int count) {
    return SampleBatch.of(
        IntStream.range(from, from + count).mapToObj(OutgoingSamples::sample).toList());
  }

  private static void assertComplete(Path file, int count) throws IOException {
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(count);
    Map<String, Integer> last = new HashMap<>();
    for (String line : lines) {
      JsonNode json = JSON.readTree(line);
      int i = json.get("counter_volume").asInt();
      Sample expected = OutgoingSamples.sample(i);
      assertThat(json.get("message_id").asText())
          .isEqualTo(SampleId.of(expected.series(), expected.timestamp(), expected.key()));
      assertThat(json.get("resource_metadata").toString()).isEqualTo(expected.metadata().json());
      assertThat(json.get("project_id").isNull()).isTrue();
      Integer before = last.put(json.get("resource_id").asText(), i);
      assertThat(before == null || before < i).as(line).isTrue();
    }
    assertThat(last).hasSize(8);
  }

  private static void awaitLines(Path file, int count) {
    Wait.until(
        Duration.ofSeconds(30),
        count + " lines",
        () -> Files.exists(file) && Files.readAllLines(file).size() >= count);
  }
}
