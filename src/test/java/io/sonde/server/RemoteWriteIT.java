package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.http.RemoteWriteMessage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Remote write into a server with all that stands behind the door. */
@Timeout(120)
class RemoteWriteIT {
  private static final long T = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  @RegisterExtension static final SondeProcesses SONDES = new SondeProcesses();

  private static SondeProcess server;

  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpJson http = new HttpJson();

  @BeforeAll
  static void startServer() {
    server =
        SONDES
            .server("data", "--set", "sonde.http.port=0", "--set", "sonde.polling.sources=[]")
            .start();
  }

  @Test
  void whatIsWrittenIsFoundAtOnceWithItsFieldsAndDimensions() throws Exception {
    RemoteWriteMessage request = new RemoteWriteMessage();
    for (int resource = 0; resource < 500; resource++) {
      for (String mode : List.of("user", "system")) {
        request.series(
            T,
            resource + 0.25,
            "__name__",
            "found_total",
            "mode",
            mode,
            "project_id",
            "p" + resource % 10,
            "resource_id",
            "found-" + resource,
            "user_id",
            "u");
      }
    }
    assertAnswer(post(request), 204, 1000, 0, 0, 0);

    JsonNode rows = http.get(server.base(), "v2/meters/found_total/statistics?groupby=project_id");
    assertThat(rows).hasSize(10);
    double sum = 0;
    for (JsonNode row : rows) {
      assertThat(row.required("count").asInt()).isEqualTo(100);
      sum += row.required("sum").asDouble();
    }
    assertThat(sum).isEqualTo(2 * (499 * 500 / 2 + 500 * 0.25));
    List<String> modes = new ArrayList<>();
    for (JsonNode sample :
        http.get(server.base(), "v2/samples?q.field=resource_id&q.value=found-499")) {
      assertThat(sample.required("meter").asText()).isEqualTo("found_total");
      assertThat(sample.required("type").asText()).isEqualTo("cumulative");
      assertThat(sample.required("volume").asDouble()).isEqualTo(499.25);
      assertThat(sample.required("project_id").asText()).isEqualTo("p9");
      assertThat(sample.required("user_id").asText()).isEqualTo("u");
      assertThat(sample.required("source").asText()).isEqualTo("prometheus");
      assertThat(sample.required("timestamp").asText()).isEqualTo("2026-01-01T00:00:00");
      modes.add(sample.required("metadata").required("mode").asText());
    }
    assertThat(modes).containsExactlyInAnyOrder("user", "system");
  }

  @Test
  void aCopyCountsOnceAndTheFirstValueStays() throws Exception {
    RemoteWriteMessage request =
        new RemoteWriteMessage().series(T, 1, "__name__", "copied", "job", "j");
    double conflicts =
        metric("sonde_notification_conflicting_samples_total{door=\"remote-write\"}");

    assertAnswer(post(request), 204, 1, 0, 0, 0);
    assertAnswer(post(request), 204, 0, 1, 0, 0);
    // The same series with its labels in another order, and another value.
    assertAnswer(
        post(new RemoteWriteMessage().series(T, 7, "job", "j", "__name__", "copied")),
        204,
        0,
        1,
        0,
        0);

    assertThat(metric("sonde_notification_conflicting_samples_total{door=\"remote-write\"}"))
        .isEqualTo(conflicts + 1);
    JsonNode samples = http.get(server.base(), "v2/meters/copied");
    assertThat(samples).hasSize(1);
    assertThat(samples.get(0).required("counter_volume").asDouble()).isEqualTo(1);
  }

  @Test
  void whatIsRefusedOrSkippedIsCountedAndTheRestStored() throws Exception {
    String refused = "sonde_remote_write_refused_samples_total{reason=\"%s\"}";
    String skipped = "sonde_remote_write_skipped_samples_total{reason=\"stale\"}";
    double stale = metric(skipped);
    double labels = metric(refused.formatted("labels"));
    double times = metric(refused.formatted("time"));

    HttpResponse<String> response =
        post(
            new RemoteWriteMessage()
                .series(T, 3, "__name__", "partly")
                .series(T + 1, 4, "no", "name")
                .series(Instant.now().plusSeconds(86_400).toEpochMilli(), 5, "__name__", "partly")
                .series(T, Double.longBitsToDouble(0x7ff0000000000002L), "__name__", "partly"));

    assertAnswer(response, 400, 1, 0, 2, 1);
    assertThat(response.body()).contains("Refused 2 of 3 samples").contains("timeseries[1]: ");
    assertThat(http.get(server.base(), "v2/meters/partly")).hasSize(1);
    assertThat(metric(skipped)).isEqualTo(stale + 1);
    assertThat(metric(refused.formatted("labels"))).isEqualTo(labels + 1);
    assertThat(metric(refused.formatted("time"))).isEqualTo(times + 1);
  }

  private double metric(String name) {
    Matcher line =
        Pattern.compile("(?m)^" + Pattern.quote(name) + " (.*)$")
            .matcher(http.answer(server.base(), "metrics").body());
    return line.find() ? Double.parseDouble(line.group(1)) : 0;
  }

  private HttpResponse<String> post(RemoteWriteMessage request) throws Exception {
    URI uri = server.base().resolve("api/v1/write");
    return client.send(
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/x-protobuf")
            .header("Content-Encoding", "snappy")
            .header("X-Prometheus-Remote-Write-Version", "0.1.0")
            .POST(BodyPublishers.ofByteArray(request.compressed()))
            .build(),
        BodyHandlers.ofString());
  }

  private static void assertAnswer(
      HttpResponse<String> response,
      int status,
      int accepted,
      int duplicate,
      int refused,
      int skipped) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(count(response, "Accepted")).isEqualTo(accepted);
    assertThat(count(response, "Duplicate")).isEqualTo(duplicate);
    assertThat(count(response, "Refused")).isEqualTo(refused);
    assertThat(count(response, "Skipped")).isEqualTo(skipped);
  }

  private static int count(HttpResponse<String> response, String what) {
    return Integer.parseInt(response.headers().firstValue("Sonde-" + what).orElseThrow());
  }
}
