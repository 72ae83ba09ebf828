package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.server.Wait;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Writes into a real Prometheus. Needs the program {@code prometheus}. */
@Tag("servers")
@Timeout(180)
class PrometheusPublisherIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int COUNT = 20_000;

  private final int port = ServerProcess.freePort();
  @TempDir Path folder;
  private ServerProcess prometheus;

  @BeforeEach
  void start() throws IOException {
    Path configuration = folder.resolve("prometheus.yml");
    Files.writeString(configuration, "scrape_configs: []\n");
    prometheus =
        new ServerProcess(
                folder.resolve("log"),
                Map.of(),
                "prometheus",
                "--web.enable-remote-write-receiver",
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .start();
  }

  @AfterEach
  void end() {
    prometheus.close();
  }

  @Test
  void nothingIsLostWhenItIsStoppedKilledAndStartedAgain() throws Exception {
    PrometheusPublisher publisher =
        new PrometheusPublisher(PublisherUrl.of("prometheus://127.0.0.1:" + port, "p[0]"));
    Handover handover = Handover.start(publisher, COUNT, 250);
    Wait.until(SOON, "a quarter", () -> handover.taken() >= COUNT / 4);
    prometheus.stop();
    Wait.until(SOON, "a failure", () -> handover.failures() > 0);
    prometheus.start();
    Wait.until(SOON, "a half", () -> handover.taken() >= COUNT / 2);
    int failures = handover.failures();
    prometheus.kill();
    Wait.until(SOON, "a failure", () -> handover.failures() > failures);
    prometheus.start();
    handover.join();

    List<Integer> received = new ArrayList<>();
    for (int resource = 0; resource < TestSamples.RESOURCES; resource++) {
      received.addAll(numbers("r" + resource));
    }
    Handover.assertComplete(received, COUNT);
  }

  private List<Integer> numbers(String resource) throws Exception {
    String query =
        "disk_usage{resource_id=\"" + resource + "\",type=\"gauge\",unit=\"ns\",user_id=\"u1\"}";
    long end = TestSamples.START / 1_000_000 + COUNT;
    URI uri =
        URI.create(
            "http://127.0.0.1:%d/api/v1/query?time=%d&query=%s"
                .formatted(port, end, URLEncoder.encode(query + "[1d]", StandardCharsets.UTF_8)));
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(uri).timeout(SOON).build(),
                HttpResponse.BodyHandlers.ofString());
    JsonNode result = new ObjectMapper().readTree(answer.body()).at("/data/result");
    assertThat(result).as(answer.body()).hasSize(1);
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode pair : result.get(0).required("values")) {
      int number = (int) Double.parseDouble(pair.get(1).asText());
      assertThat(pair.get(0).asLong()).isEqualTo(TestSamples.START / 1_000_000 + number);
      numbers.add(number);
    }
    return numbers;
  }
}
