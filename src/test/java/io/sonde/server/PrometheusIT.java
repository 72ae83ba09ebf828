package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A real Prometheus that scrapes itself and Sonde and writes what it scrapes into Sonde. Needs the
 * program {@code prometheus}.
 */
@Tag("servers")
@Timeout(180)
class PrometheusIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final SondeProcesses SONDES = new SondeProcesses();

  private static SondeProcess sonde;
  private static Process prometheus;
  private static Path log;
  private static URI prometheusBase;

  private final HttpJson http = new HttpJson();

  @BeforeAll
  static void start() throws IOException {
    sonde =
        SONDES
            .server("data", "--set", "sonde.http.port=0", "--set", "sonde.polling.sources=[]")
            .start();
    int port = SondeProcesses.freePorts(1).get(0);
    prometheusBase = URI.create("http://127.0.0.1:" + port + "/");
    String own = sonde.base().getAuthority();
    Path configuration = SONDES.directory().resolve("prometheus.yml");
    Files.writeString(
        configuration,
        """
        global: {scrape_interval: 1s}
        scrape_configs:
          - job_name: prometheus
            static_configs: [{targets: ["127.0.0.1:%d"]}]
          - job_name: sonde
            static_configs: [{targets: ["%s"], labels: {project_id: telemetry}}]
        remote_write:
          - url: http://%s/api/v1/write
            queue_config: {batch_send_deadline: 1s}
        """
            .formatted(port, own, own));
    log = SONDES.directory().resolve("prometheus.log");
    prometheus =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + SONDES.directory().resolve("prometheus"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (prometheus != null) {
      prometheus.destroy();
      if (!prometheus.waitFor(20, TimeUnit.SECONDS)) {
        prometheus.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void whatItScrapesIsStoredWithItsOwnFigures() throws IOException {
    Wait.until(
        SOON,
        "five samples of a counter of Prometheus",
        () -> volumes("prometheus_http_requests_total", Map.of()).size() >= 5);

    for (String meter :
        List.of(
            "up",
            "go_goroutines",
            "process_cpu_seconds_total",
            "prometheus_http_requests_total",
            "prometheus_http_request_duration_seconds_bucket",
            "jvm_memory_used_bytes",
            "sonde_notification_received_samples_total")) {
      assertSame(meter);
    }
    assertThat(type("prometheus_http_requests_total")).isEqualTo("cumulative");
    assertThat(type("prometheus_http_request_duration_seconds_bucket")).isEqualTo("cumulative");
    assertThat(type("go_goroutines")).isEqualTo("gauge");
    assertThat(
            http.get(sonde.base(), "v2/meters/jvm_memory_used_bytes?limit=1")
                .get(0)
                .required("project_id")
                .asText())
        .isEqualTo("telemetry");
    assertThat(Files.readString(log, StandardCharsets.UTF_8))
        .doesNotContain("non-recoverable error", "level=error");
  }

  /** Of every series that Prometheus has, every sample up to its newest one now. */
  private void assertSame(String meter) {
    Map<Map<String, String>, NavigableMap<Long, Double>> expected = new HashMap<>();
    for (JsonNode series : range(meter)) {
      Map<String, String> labels = new HashMap<>();
      for (Map.Entry<String, JsonNode> label : series.required("metric").properties()) {
        labels.put(label.getKey(), label.getValue().asText());
      }
      labels.remove("__name__");
      NavigableMap<Long, Double> byTime = new TreeMap<>();
      for (JsonNode pair : series.required("values")) {
        byTime.put(Math.round(pair.get(0).asDouble() * 1000), pair.get(1).asDouble());
      }
      expected.put(labels, byTime);
    }
    assertThat(expected).as(meter).isNotEmpty();
    int compared = 0;
    for (Map.Entry<Map<String, String>, NavigableMap<Long, Double>> one : expected.entrySet()) {
      long last = one.getValue().lastKey();
      Wait.until(
          SOON,
          "the sample at " + last + " of " + meter + one.getKey(),
          () -> volumes(meter, one.getKey()).containsKey(last));
      assertThat(volumes(meter, one.getKey()).headMap(last, true))
          .as(meter + one.getKey())
          .isEqualTo(one.getValue());
      compared += one.getValue().size();
    }
    assertThat(compared).as("samples of " + meter).isGreaterThanOrEqualTo(3);
  }

  /** The raw samples of a meter in Prometheus. */
  private JsonNode range(String meter) {
    return http.get(prometheusBase, "api/v1/query?query=" + HttpJson.encode(meter + "[10m]"))
        .required("data")
        .required("result");
  }

  /** What Sonde has of a meter by milliseconds; the labels narrow it to one series. */
  private NavigableMap<Long, Double> volumes(String meter, Map<String, String> labels) {
    List<String> query = new ArrayList<>(List.of("limit=100000"));
    Optional.ofNullable(labels.get("instance"))
        .ifPresent(instance -> filter("resource_id", instance, query));
    for (Map.Entry<String, String> label : labels.entrySet()) {
      if (!label.getKey().equals("instance") && !label.getKey().equals("project_id")) {
        filter("metadata." + label.getKey(), label.getValue(), query);
      }
    }
    NavigableMap<Long, Double> byTime = new TreeMap<>();
    for (JsonNode sample :
        http.get(sonde.base(), "v2/meters/" + meter + "?" + String.join("&", query))) {
      long millis =
          LocalDateTime.parse(sample.required("timestamp").asText())
              .toInstant(ZoneOffset.UTC)
              .toEpochMilli();
      byTime.put(millis, sample.required("counter_volume").asDouble());
    }
    return byTime;
  }

  private static void filter(String field, String value, List<String> query) {
    query.add("q.field=" + HttpJson.encode(field));
    query.add("q.value=" + HttpJson.encode(value));
    query.add("q.type=string");
  }

  private String type(String meter) {
    return http.get(sonde.base(), "v2/meters/" + meter + "?limit=1")
        .get(0)
        .required("counter_type")
        .asText();
  }
}
