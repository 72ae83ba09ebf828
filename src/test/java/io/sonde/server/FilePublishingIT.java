package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that appends every sample to a file too, set up as the README shows. */
@Tag("long")
@Timeout(180)
class FilePublishingIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int BATCH = 500;

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();
  private final History history = new History();
  private SondeProcess server;
  private Path file;

  @Test
  void everySampleIsALineAlsoAfterAKill() throws Exception {
    file = sondes.directory().resolve("out").resolve("samples.jsonl");
    server = sondes.server("data", "--config", configuration().toString()).start();
    for (int i = 0; i < 3; i++) {
      push();
    }
    // What is known already is not published again.
    push(new long[] {0, 1, 2});
    push();
    awaitLines(4 * BATCH);
    assertThat(published()).as("nothing twice").hasSize(4 * BATCH);

    // Acknowledged, and perhaps not yet published.
    push();
    push();
    server.kill9();
    server.start();
    push();
    awaitLines(7 * BATCH);
    server.kill9WithPostgres();
    server.start();
    push();
    awaitLines(8 * BATCH);
    long lines = published().size();
    System.out.println("FilePublishingIT: " + 8 * BATCH + " samples in " + lines + " lines");

    // In order nothing comes twice.
    assertThat(server.terminate()).isEqualTo(143);
    server.start();
    push();
    awaitLines(9 * BATCH);
    assertThat(published()).hasSize((int) lines + BATCH);
  }

  private Path configuration() throws IOException {
    return Files.writeString(
        sondes.directory().resolve("sonde.conf"),
        """
        sonde.http.port = 0
        sonde.polling.sources = []
        sonde.pipeline.sinks += {
          name = export, publishers = ["collector://", "file://%s"]
        }
        sonde.pipeline.sources += { name = export, meters = ["*"], sinks = [export] }
        """
            .formatted(file));
  }

  private void push() throws Exception {
    push(history.take(BATCH));
  }

  private void push(long[] numbers) throws Exception {
    history.sent(numbers);
    assertThat(http.post(server.base(), "v2/samples", NumberedSamples.json(numbers)).statusCode())
        .isEqualTo(201);
    history.acknowledged(numbers);
  }

  private void awaitLines(int different) throws IOException {
    Wait.until(SOON, different + " lines", () -> new HashSet<>(wholeLines()).size() >= different);
    assertThat(new HashSet<>(published())).hasSize(different);
  }

  /** The message ids of all lines, each line checked against the sample that it must be. */
  private List<String> published() throws IOException {
    HistoryCheck check = new HistoryCheck(history);
    Map<Long, String> ids = new HashMap<>();
    List<String> all = wholeLines().stream().map(line -> publishedAs(line, ids, check)).toList();
    assertThat(check.findings()).allMatch(one -> one.kind() == HistoryCheck.Kind.LOST);
    assertThat(new HashSet<>(all)).as("message ids").hasSameSizeAs(ids.keySet());
    return all;
  }

  /** Without one that is being written, or was when the server was killed. */
  private List<String> wholeLines() throws IOException {
    return Files.exists(file)
        ? Files.readAllLines(file).stream().filter(line -> line.endsWith("}}")).toList()
        : List.of();
  }

  private static String publishedAs(String line, Map<Long, String> ids, HistoryCheck check) {
    JsonNode json = read(line);
    Set<String> keys = new HashSet<>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .containsExactlyInAnyOrder(
            ("message_id source counter_name counter_type counter_unit counter_volume resource_id"
                    + " project_id user_id timestamp recorded_at resource_metadata")
                .split(" "));
    String meter = json.get("counter_name").asText();
    String resource = json.get("resource_id").asText();
    LocalDateTime time = OffsetDateTime.parse(json.get("timestamp").asText()).toLocalDateTime();
    String id = json.get("message_id").asText();
    String before = ids.put(NumberedSamples.number(meter, resource, time), id);
    if (before == null) {
      check.observe(meter, resource, time, json.get("counter_volume").asDouble());
    }
    assertThat(before).as("the id of a copy of " + line).isIn(null, id);
    assertThat(json.get("source").asText()).isEqualTo("openstack");
    assertThat(json.get("resource_metadata").get("status").asText()).isEqualTo("active");
    return id;
  }

  private static JsonNode read(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + line, e);
    }
  }
}
