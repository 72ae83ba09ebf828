package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleId;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes to a file outside, over a real PostgreSQL. */
class PublishingIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long START = 1_767_225_600_000_000L;

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

  private static List<Publication> publications(Path file, String sink) {
    return List.of(new Publication("file://" + file, Set.of(sink)));
  }

  private static void add(TestNode node, String sink, int from, int count) throws Exception {
    List<Sample> samples = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      samples.add(sample(i));
    }
    assertThat(TestNode.get(node.collectors.add(sink, SampleBatch.of(samples))).accepted())
        .isEqualTo(count);
  }

  private static Sample sample(int i) {
    return new Sample(
        new Series("test", "m", MeterType.GAUGE, "B", "r" + i % 8, null, "u", Series.NO_DIMENSIONS),
        START + i * 1_000L,
        i,
        SampleKey.ofMessageId("id" + i),
        Metadata.of(Map.of("n", (long) (i / 50))));
  }

  private static void assertComplete(Path file, int count) throws IOException {
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(count);
    Map<String, Integer> last = new HashMap<>();
    for (String line : lines) {
      JsonNode json = JSON.readTree(line);
      int i = json.get("counter_volume").asInt();
      Sample expected = sample(i);
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
