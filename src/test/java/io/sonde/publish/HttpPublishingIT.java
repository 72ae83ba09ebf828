package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.sonde.model.SampleBatch;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Consumers that go away, come back and hang, over a real PostgreSQL. */
@Timeout(180)
class HttpPublishingIT {
  private static final Duration SOON = Duration.ofSeconds(60);

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

  /** With TLS, and from the journal as well as from the queue. */
  @Test
  void aConsumerThatWasAwayGetsAllInOrderAndNobodyElseWaits() throws Exception {
    TestCertificate own = TestCertificate.create(out, "consumer");
    Path file = out.resolve("samples.jsonl");
    try (ConsumerServer consumer =
        new ConsumerServer(TlsFiles.context(true, null, own.certificate(), own.key()), false)) {
      String url = "https://localhost:" + consumer.port() + "/?verify_ssl=" + own.certificate();
      List<Publication> publications =
          List.of(
              new Publication(url, Set.of("store", "out"), Set.of("out")),
              new Publication("file://" + file, Set.of("store")));
      try (TestNode node = TestNode.start(settings, publications)) {
        for (int i = 0; i < 60; i++) {
          if (i == 20) {
            Wait.until(SOON, "a stream", () -> consumer.taken().size() > 200);
            consumer.stop();
          }
          if (i == 40) {
            Wait.until(SOON, "the others", () -> lines(file) >= 1_000);
            Wait.until(SOON, "a failure", () -> failures(publications.get(0)) > 0);
            consumer.start();
          }
          TestNode.get(node.delivery.deliver(i % 2 == 0 ? "store" : "out", batch(i * 50, 50)));
        }
        Wait.until(
            SOON, "all", () -> new LinkedHashSet<>(numbers(consumer.taken())).size() == 3_000);
        Wait.until(SOON, "the others", () -> lines(file) == 1_500);
        assertInOrder(consumer.taken());
        assertThat(failures(publications.get(1))).isZero();
      }
    }
  }

  /** More of them than there are threads for the database. */
  @Test
  void consumersThatHangHoldNobodyUp() throws Exception {
    Path file = out.resolve("samples.jsonl");
    try (ServerSocket mute = new ServerSocket(0)) {
      List<Publication> publications = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String url = "http://localhost:" + mute.getLocalPort() + "/" + i + "?timeout=600";
        publications.add(new Publication(url, Set.of("store", "out"), Set.of("out")));
      }
      publications.add(new Publication("file://" + file, Set.of("store")));
      try (TestNode node = TestNode.start(settings, publications, "sonde.publish.deadline=10m")) {
        for (int i = 0; i < 40; i++) {
          TestNode.get(node.delivery.deliver(i % 2 == 0 ? "store" : "out", batch(i * 50, 50)));
        }
        Wait.until(SOON, "the others", () -> lines(file) == 1_000);
        String hanging = publications.get(0).name();
        assertThat(PublisherMetrics.PUBLISHED.labelValues(hanging).get()).isZero();
        Wait.until(SOON, "an age", () -> gauge("sonde_publisher_behind_seconds", hanging) >= 2);
        assertThat(gauge("sonde_publisher_behind_events", hanging)).isPositive();
        assertThat(gauge("sonde_publisher_behind_bytes", hanging)).isPositive();
        String other = publications.get(20).name();
        Wait.until(SOON, "none", () -> gauge("sonde_publisher_behind_events", other) == 0);
        assertThat(gauge("sonde_publisher_behind_seconds", other)).isZero();
      }
    }
  }

  @Test
  void aConsumerIsLeftAloneForAsLongAsItWants() throws Exception {
    try (ConsumerServer consumer = new ConsumerServer()) {
      consumer.answer(request -> new ConsumerServer.Answer(503, "", "3"));
      String url = "http://localhost:" + consumer.port() + "/";
      try (TestNode node =
          TestNode.start(
              settings,
              List.of(new Publication(url, Set.of("store"))),
              "sonde.collector.collectors=1")) {
        TestNode.get(node.delivery.deliver("store", batch(0, 10)));
        Wait.until(SOON, "a request", () -> consumer.requests().size() == 1);
        long first = System.nanoTime();
        consumer.answer(request -> ConsumerServer.Answer.OK);
        Wait.until(SOON, "another", () -> consumer.taken().size() == 10);
        assertThat(Duration.ofNanos(System.nanoTime() - first))
            .isGreaterThan(Duration.ofSeconds(2));
      }
    }
  }

  private static double failures(Publication publication) {
    return PublisherMetrics.FAILURES.labelValues(publication.name()).get();
  }

  private static double gauge(String name, String publisher) {
    return PrometheusRegistry.defaultRegistry.scrape(name::equals).stream()
        .flatMap(snapshot -> ((GaugeSnapshot) snapshot).getDataPoints().stream())
        .filter(point -> publisher.equals(point.getLabels().get("publisher")))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private static SampleBatch batch(int from, int count) {
    return SampleBatch.of(
        IntStream.range(from, from + count).mapToObj(OutgoingSamples::sample).toList());
  }

  /** What comes again does so with its id; of each resource and sink all come in order. */
  private static void assertInOrder(List<JsonNode> samples) {
    Map<String, Integer> newest = new HashMap<>();
    Set<String> ids = new LinkedHashSet<>();
    for (JsonNode sample : samples) {
      if (ids.add(sample.get("id").asText())) {
        int number = sample.get("volume").asInt();
        String way = sample.get("resource_id").asText() + number / 50 % 2;
        Integer before = newest.put(way, number);
        assertThat(before == null || before < number).as(way + " " + number).isTrue();
      }
    }
    assertThat(ids).hasSize(new LinkedHashSet<>(numbers(samples)).size());
  }

  private static List<Integer> numbers(List<JsonNode> samples) {
    return samples.stream().map(sample -> sample.get("volume").asInt()).toList();
  }

  private static int lines(Path file) throws Exception {
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }
}
