package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.publish.ConsumerServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A server that hands samples and events over HTTP, stored as well as not stored, is killed in the
 * middle of the stream, its consumer goes away and comes back: nothing that was acknowledged is
 * lost.
 */
@Tag("faults")
@Timeout(300)
class PublishingFaultIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int BATCH = 100;

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();
  private final History history = new History();
  private final Set<String> events = ConcurrentHashMap.newKeySet();
  private SondeProcess server;
  private volatile boolean isOver;

  @Test
  void nothingAcknowledgedIsLostOnItsWayToTheConsumer() throws Exception {
    try (ConsumerServer consumer = new ConsumerServer()) {
      server = sondes.server("data", "--config", configuration(consumer.port()).toString()).start();
      CompletableFuture<Void> pushing = CompletableFuture.runAsync(this::push);
      try {
        awaitMore(2_000);
        server.kill9();
        server.start();
        awaitMore(2_000);
        consumer.stop();
        awaitMore(2_000);
        server.kill9WithPostgres();
        server.start();
        awaitMore(2_000);
        consumer.start();
        awaitMore(2_000);
        server.kill9();
        server.start();
        awaitMore(1_000);
      } finally {
        isOver = true;
      }
      pushing.get(60, TimeUnit.SECONDS);
      for (String way : Set.of("stored", "queued")) {
        Wait.until(
            SOON, "all " + way, () -> seen(consumer, way).size() >= history.acknowledgedCount());
        HistoryCheck check = check(consumer, way);
        assertThat(check.findings()).as(way).isEmpty();
        assertThat(check.observedCount()).isGreaterThanOrEqualTo(history.acknowledgedCount());
      }
      for (String path : Set.of("events", "events-queued")) {
        Wait.until(SOON, "all of " + path, () -> eventsAt(consumer, path).containsAll(events));
      }
      assertThat(storedEvents()).as("each once").containsExactlyInAnyOrderElementsOf(events);
      System.out.println(
          ("PublishingFaultIT: " + history.acknowledgedCount() + " samples acknowledged, ")
              + (2 * history.acknowledgedCount() + " wanted, " + consumer.taken().size())
              + " handed over");
    }
  }

  private Path configuration(int port) throws IOException {
    return Files.writeString(
        sondes.directory().resolve("sonde.conf"),
        """
        sonde.http.port = 0
        sonde.polling.sources = []
        sonde.collector.flush-interval = 2s
        sonde.pipeline.sinks += {
          name = stored, publishers = ["collector://", "http://127.0.0.1:%1$d/stored?timeout=2"]
        }
        sonde.pipeline.sinks += {
          name = queued, publishers = ["http://127.0.0.1:%1$d/queued?timeout=2&format=message"]
        }
        sonde.pipeline.sources += { name = export, meters = ["*"], sinks = [stored, queued] }
        sonde.event-pipeline.sinks = [
          { name = stored, publishers = ["collector://", "http://127.0.0.1:%1$d/events?timeout=2"] }
          { name = queued, publishers = ["http://127.0.0.1:%1$d/events-queued?timeout=2"] }
        ]
        sonde.event-pipeline.sources = [{ name = all, events = ["*"], sinks = [stored, queued] }]
        """
            .formatted(port));
  }

  /** Each batch, and an event with it, again and again until it is acknowledged. */
  private void push() {
    while (!isOver) {
      long[] numbers = history.take(BATCH);
      history.sent(numbers);
      String samples = NumberedSamples.json(numbers);
      Wait.until(SOON, "an acknowledgement", () -> isTaken("v2/samples", samples));
      history.acknowledged(numbers);
      String id = "event-" + numbers[0];
      String event =
          "[{\"message_id\":\"%s\",\"event_type\":\"t\",\"generated\":\"2026-01-01T00:00:00\"}]"
              .formatted(id);
      Wait.until(SOON, "an acknowledgement", () -> isTaken("v2/events", event));
      events.add(id);
    }
  }

  private boolean isTaken(String path, String body) throws InterruptedException {
    try {
      return http.post(server.base(), path, body).statusCode() == 201;
    } catch (IOException | NullPointerException e) {
      // killed, or not yet there again
      return false;
    }
  }

  private void awaitMore(int samples) {
    int before = history.acknowledgedCount();
    Wait.until(SOON, samples + " more", () -> history.acknowledgedCount() >= before + samples);
  }

  private static Set<String> eventsAt(ConsumerServer consumer, String path) {
    Set<String> ids = new HashSet<>();
    for (ConsumerServer.Request request : consumer.requests()) {
      if (request.line().startsWith("POST /" + path + "?")
          || request.line().equals("POST /" + path)) {
        request.body().forEach(event -> ids.add(event.get("message_id").asText()));
      }
    }
    return ids;
  }

  private List<String> storedEvents() throws Exception {
    List<String> ids = new ArrayList<>();
    String path = "v2/events?limit=100000";
    http.get(server.base(), path).forEach(event -> ids.add(event.get("message_id").asText()));
    return ids;
  }

  private static Set<String> seen(ConsumerServer consumer, String way) {
    Set<String> ids = new HashSet<>();
    consumer.taken().stream()
        .filter(sample -> isSample(sample, way))
        .forEach(sample -> ids.add(sample.get(key(way)).asText()));
    return ids;
  }

  /** What came by one way, each once, in order for each series. */
  private HistoryCheck check(ConsumerServer consumer, String way) {
    HistoryCheck check = new HistoryCheck(history);
    boolean isMessage = way.equals("queued");
    Map<String, LocalDateTime> newest = new HashMap<>();
    Set<String> ids = new HashSet<>();
    for (JsonNode sample : consumer.taken()) {
      if (isSample(sample, way) && ids.add(sample.get(key(way)).asText())) {
        String meter = sample.get(isMessage ? "counter_name" : "name").asText();
        String resource = sample.get("resource_id").asText();
        LocalDateTime time =
            OffsetDateTime.parse(sample.get("timestamp").asText()).toLocalDateTime();
        check.observe(
            meter, resource, time, sample.get(isMessage ? "counter_volume" : "volume").asDouble());
        LocalDateTime before = newest.put(meter + " " + resource, time);
        assertThat(before == null || before.isBefore(time)).as(sample.toString()).isTrue();
      }
    }
    return check;
  }

  private static boolean isSample(JsonNode taken, String way) {
    return taken.has(key(way)) && !taken.has("event_type");
  }

  private static String key(String way) {
    return way.equals("queued") ? "message_id" : "id";
  }
}
