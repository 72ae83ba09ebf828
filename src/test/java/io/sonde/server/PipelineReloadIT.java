package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pipelines that change while the server runs, over a real process. */
class PipelineReloadIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final ObjectMapper JSON = new ObjectMapper();

  @RegisterExtension static final SondeProcesses sondes = new SondeProcesses();

  private static SondeProcess server;
  private static int tests;

  private final HttpJson http = new HttpJson();
  private final Path file = sondes.directory().resolve("sonde.conf");
  private final String meter = "work" + tests++;
  private int second;

  /** One server for all; each test has a meter of its own, and begins without its sinks. */
  @BeforeEach
  void start() throws Exception {
    configure("");
    if (server == null) {
      server = sondes.server("node", "--config", file.toString()).start();
    }
    assertThat(reload().statusCode()).isEqualTo(200);
  }

  @Test
  void changesComeIntoForceAndMistakesDoNot() throws Exception {
    String first = version();
    assertThat(reload().statusCode()).as("nothing changed").isEqualTo(200);
    assertThat(version()).isEqualTo(first);

    configure(sink("delta", "{ target { name = work.delta } }"));
    JsonNode changed = JSON.readTree(reload().body());
    assertThat(changed.get("version").asText()).isNotEqualTo(first).matches("[0-9a-f]{64}");
    assertThat(changed.get("definitions").get("sinks").findValuesAsText("name")).contains("made");
    push(10);
    push(25);
    assertThat(volumes("work.delta")).containsExactly(15.0);

    configure(sink("delta2", "{}"));
    HttpResponse<String> refused = reload();
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body())
        .contains("sonde.pipeline.sinks[", "transformers[0].name", "delta2", "stay in force");
    Files.writeString(file, "sonde { pipeline {");
    assertThat(reload().statusCode()).isEqualTo(400);
    configure("sonde.pipeline.stages-per-sink = 7");
    assertThat(reload().body()).contains("sonde.pipeline.stages-per-sink", "new start");
    push(30);
    assertThat(volumes("work.delta")).containsExactly(15.0, 5.0);

    // The signal does the same; the delta is remembered over the change.
    configure(sink("delta", "{ target { name = work.other } }"));
    String before = version();
    server.signal("HUP");
    Wait.until(SOON, "another version", () -> !version().equals(before));
    push(37);
    assertThat(volumes("work.other")).containsExactly(7.0);
    assertThat(volumes("work")).hasSize(4);

    configure(sink("delta3", "{}"));
    server.signal("HUP");
    Wait.until(SOON, "a line in the log", () -> server.output().contains("pipelines stay"));
    assertThat(server.output()).contains("delta3");
    push(40);
    assertThat(volumes("work.other")).containsExactly(7.0, 3.0);
  }

  @Test
  void windowsEndByTheClockAndWhenTheirDefinitionDoes() throws Exception {
    configure(sink("aggregator", "{ retention_time = 2, target { name = work.short } }"));
    assertThat(reload().statusCode()).isEqualTo(200);
    push(10);
    push(30);
    Wait.until(SOON, "the end of the window", () -> volumes("work.short").size() == 1);

    configure(sink("aggregator", "{ retention_time = 3600, target { name = work.long } }"));
    assertThat(reload().statusCode()).isEqualTo(200);
    push(50);
    assertThat(volumes("work.long")).isEmpty();
    configure("");
    server.kill9();
    server.start();
    Wait.until(SOON, "what the former sink held", () -> volumes("work.long").equals(List.of(50.0)));
  }

  @Test
  void publishersComeAndGoWhereTheyWere() throws Exception {
    Path stored = sondes.directory().resolve("stored.jsonl");
    Path queued = sondes.directory().resolve("queued.jsonl");
    String sinks =
        """
        sonde.pipeline.sources += { name = out, meters = [work], sinks = [stored, queued] }
        sonde.pipeline.sinks += { name = stored, publishers = [collector, "file://%s"] }
        sonde.pipeline.sinks += { name = queued, publishers = ["file://%s"] }
        """
            .formatted(stored, queued);
    push(1);
    configure(sinks);
    assertThat(reload().statusCode()).isEqualTo(200);
    push(2);
    awaitLines(stored, 1);
    awaitLines(queued, 1);
    configure("");
    assertThat(reload().statusCode()).isEqualTo(200);
    push(3);
    configure(sinks);
    assertThat(reload().statusCode()).isEqualTo(200);
    push(4);
    awaitLines(stored, 2);
    awaitLines(queued, 2);
    assertThat(Files.readString(stored)).contains("\"counter_volume\":4").doesNotContain("\":3");
    assertThat(volumes("work")).containsExactly(1.0, 2.0, 3.0, 4.0);
  }

  @Test
  void eventsGoToOtherPublishersToo() throws Exception {
    Path events = sondes.directory().resolve("events.jsonl");
    tell("before");
    configure(
        """
        sonde.event-pipeline.sources = [{ name = work, events = ["work"], sinks = [out] }]
        sonde.event-pipeline.sinks = [{ name = out, publishers = ["file://%s"] }]
        """
            .formatted(events));
    assertThat(reload().statusCode()).isEqualTo(200);
    tell("queued");
    awaitLines(events, 1);
    configure("");
    assertThat(reload().statusCode()).isEqualTo(200);
    tell("stored");
    JsonNode stored =
        http.get(server.base(), "v2/events?q.field=event_type&q.op=eq&q.value=" + meter);
    assertThat(stored.findValuesAsText("message_id")).containsExactly("before", "stored");
    assertThat(Files.readString(events)).contains("\"message_id\":\"queued\"");
  }

  private void tell(String id) throws Exception {
    String event =
        "[{\"message_id\":\"%s\",\"event_type\":\"%s\",\"generated\":\"2026-01-01T00:00:00\"}]";
    assertThat(http.post(server.base(), "v2/events", event.formatted(id, meter)).statusCode())
        .isEqualTo(201);
  }

  private static void awaitLines(Path file, int count) {
    Wait.until(
        SOON,
        count + " lines in " + file,
        () -> Files.exists(file) && Files.readAllLines(file).size() == count);
  }

  private void configure(String more) throws IOException {
    Files.writeString(
        file,
        """
        sonde.http.port = 0
        sonde.polling.sources = []
        sonde.pipeline.sources = [{ name = all, meters = ["*"], sinks = [store] }]
        sonde.pipeline.sinks = [{ name = store, publishers = ["collector://"] }]
        """
            + more.replace("work", meter));
  }

  private static String sink(String transformer, String parameters) {
    return """
        sonde.pipeline.sources += { name = made, meters = [work], sinks = [made] }
        sonde.pipeline.sinks += {
          name = made
          transformers = [{ name = %s, parameters %s }]
          publishers = [collector]
        }
        """
        .formatted(transformer, parameters);
  }

  private HttpResponse<String> reload() throws Exception {
    return http.post(server.base(), "v2/pipelines/reload", "");
  }

  private String version() {
    return get("v2/pipelines").get("version").asText();
  }

  private void push(double volume) throws Exception {
    String body =
        """
        [{"counter_name": "%s", "counter_type": "cumulative", "counter_unit": "x",
          "resource_id": "r", "counter_volume": %s, "timestamp": "%s"}]
        """
            .formatted(meter, volume, Instant.parse("2026-03-01T00:00:00Z").plusSeconds(second++));
    assertThat(http.post(server.base(), "v2/samples", body).statusCode()).isEqualTo(201);
  }

  private List<Double> volumes(String name) {
    List<Double> volumes = new ArrayList<>();
    for (JsonNode sample : get("v2/meters/" + name.replace("work", meter) + "?limit=1000")) {
      volumes.add(0, sample.get("counter_volume").asDouble());
    }
    return volumes;
  }

  private JsonNode get(String path) {
    return http.get(server.base(), path);
  }
}
