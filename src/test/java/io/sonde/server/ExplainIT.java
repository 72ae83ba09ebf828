package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where samples come from, told by a server and by the command, from open blocks and from rows. */
@Tag("long")
class ExplainIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  @RegisterExtension static final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();
  private final Path file = sondes.directory().resolve("explain.conf");
  private URI base;

  @Test
  void saysWhereSamplesComeFrom() throws Exception {
    Files.writeString(
        file,
        """
        sonde.http.port = 0
        sonde.data-dir = "%s"
        sonde.polling.sources = []
        sonde.pipeline.sources = [
          { name = all, meters = ["*"], sinks = [store] }
          { name = pushed, meters = [work], doors = [http], sinks = [archive] }
          { name = made, meters = [work], sinks = [speed, growth, mean, twice] }
          { name = both, meters = [work, rest], sinks = [share] }
        ]
        sonde.pipeline.sinks = [
          { name = store, publishers = ["collector://"] }
          { name = archive, publishers = ["collector://"] }
          { name = speed, publishers = ["collector://"]
            transformers = [{ name = rate_of_change, parameters {
              target { name = speed, type = gauge, scale = "resource_metadata.factor" } } }] }
          { name = growth, publishers = ["collector://"]
            transformers = [{ name = delta, parameters { target { name = growth } } }] }
          { name = mean, publishers = ["collector://"]
            transformers = [{ name = aggregator, parameters { size = 3, target { name = mean } } }] }
          { name = twice, publishers = ["collector://"]
            transformers = [{ name = unit_conversion
              parameters { target { name = twice, scale = 2 } } }] }
          { name = share, publishers = ["collector://"]
            transformers = [{ name = arithmetic
              parameters { target { name = share, type = gauge, expr = "$(rest) / $(work)" } } }] }
        ]
        """
            .formatted(sondes.directory().resolve("node")));
    SondeProcess server = sondes.server("node", "--config", file.toString()).start();
    base = server.base();
    for (int i = 0; i < 7; i++) {
      push("work", "r", i, 100 + i * i, "{\"factor\": 3}");
      push("work", "other", i, 7 * i, "{\"factor\": 1}");
      push("rest", "r", i, 50 - i, "{}");
    }

    JsonNode raw = explained(id("work", 4));
    assertThat(raw.at("/sample/volume").asDouble()).isEqualTo(116);
    assertThat(texts(raw.get("sinks"))).containsExactly("store", "archive");
    assertThat(texts(raw.get("doors"))).containsExactly("http");
    assertThat(texts(explained(id("rest", 4)).get("doors"))).contains("http", "polling");
    assertThat(raw.at("/pipelines/version").asText())
        .isEqualTo(http.get(base, "v2/pipelines").get("version").asText());
    assertThat(raw.get("inputs")).isEmpty();
    assertThat(raw.has("reproduced")).isFalse();
    assertInputs("speed", 5, "rate_of_change", id("work", 4), id("work", 5));
    assertInputs("growth", 1, "delta", id("work", 0), id("work", 1));
    assertInputs("twice", 6, "unit_conversion", id("work", 6));
    assertInputs("mean", 3, "aggregator", id("work", 3), id("work", 4), id("work", 5));
    assertInputs("share", 2, "arithmetic", id("work", 2), id("rest", 2));
    assertThat(answer("v2/audit/samples/" + id("work", 4), "p").statusCode()).isEqualTo(200);
    assertThat(answer("v2/audit/samples/" + id("work", 4), "another").statusCode()).isEqualTo(404);
    assertThat(answer("v2/audit/samples/nothing", null).statusCode()).isEqualTo(404);

    String speed = id("speed", 5);
    JsonNode before = explained(speed);
    assertThat(server.terminate()).isIn(0, 143);
    server =
        sondes
            .server(
                "node",
                "--config",
                file.toString(),
                "--set",
                "sonde.collector.flush-interval=0s",
                "--set",
                "sonde.collector.idle-after=0s")
            .start();
    base = server.base();
    push("rest", "r", 8, 1, "{}");
    Wait.until(
        Duration.ofSeconds(20),
        "rows instead of open blocks",
        () ->
            http.get(base, "v2/meters/speed/statistics?explain=true")
                    .at("/readings/0/chunk_rows")
                    .asInt()
                > 0);
    assertThat(explained(speed)).isEqualTo(before);
    assertThat(command(speed)).isEqualTo(before);
    assertThat(run("0b1c2d3e-4f50-6172-0005-3223bb7f5000").exitCode())
        .isEqualTo(AuditCommand.CANNOT_TELL);

    String usage = "meter=work&resource_id=r&start=2026-03-01T00:00:02&end=2026-03-01T00:00:05";
    assertThat(http.get(base, "v2/usage?" + usage).at("/0/quantity").asDouble())
        .isEqualTo(116 - 101);
    assertThat(http.get(base, "v2/audit/usage?" + usage).findValuesAsText("id"))
        .containsExactly(id("work", 5), id("work", 4), id("work", 3), id("work", 2), id("work", 1));
  }

  private void assertInputs(String meter, int second, String transformer, String... inputs)
      throws Exception {
    JsonNode found = explained(id(meter, second));
    assertThat(texts(found.get("transformers"))).containsExactly(transformer);
    assertThat(texts(found.get("sinks"))).containsExactly(meter);
    assertThat(found.get("inputs").findValuesAsText("id"))
        .as("%s", found.toPrettyString())
        .containsExactly(inputs);
    assertThat(found.get("reproduced").asBoolean()).as("%s", found.toPrettyString()).isTrue();
    assertThat(texts(found.get("doors"))).isEmpty();
    assertThat(HexFormat.of().parseHex(found.at("/journal/hash").asText())).hasSize(32);
  }

  private JsonNode explained(String id) {
    return http.get(base, "v2/audit/samples/" + id);
  }

  private JsonNode command(String id) throws Exception {
    SondeCommand command = run(id);
    assertThat(command.exitCode()).as(command.toString()).isZero();
    return JSON.readTree(command.output());
  }

  private SondeCommand run(String id) {
    return SondeCommand.run(
        sondes.directory(),
        List.of("audit", "explain", "--config", file.toString(), "--sample", id));
  }

  /** The id of the resource's sample of a second. */
  private String id(String meter, int second) {
    String time = START.plusSeconds(second).toString();
    JsonNode found =
        http.get(
            base,
            "v2/samples?q.field=meter&q.value=" + meter + "&q.field=resource&q.value=r&limit=100");
    for (JsonNode sample : found) {
      if (Instant.parse(sample.get("timestamp").asText() + "Z").toString().equals(time)) {
        return sample.get("id").asText();
      }
    }
    throw new AssertionError("no " + meter + " at " + time + " in " + found);
  }

  private HttpResponse<String> answer(String path, String project) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
    if (project != null) {
      request.header("X-Project-Id", project).header("X-Roles", "member");
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private void push(String meter, String resource, int second, double volume, String metadata)
      throws Exception {
    String body =
        """
        [{"counter_name": "%s", "counter_type": "%s", "counter_unit": "x", "resource_id": "%s",
          "project_id": "p", "counter_volume": %s, "timestamp": "%s", "resource_metadata": %s}]
        """
            .formatted(
                meter,
                meter.equals("work") ? "cumulative" : "gauge",
                resource,
                volume,
                START.plusSeconds(second),
                metadata);
    assertThat(http.post(base, "v2/samples", body).statusCode()).isEqualTo(201);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
