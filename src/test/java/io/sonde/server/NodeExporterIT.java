package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Prometheus' own exporter of a host is polled. Needs {@code prometheus-node-exporter}. */
@Tag("servers")
class NodeExporterIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();
  private Process exporter;

  @AfterEach
  void stop() throws InterruptedException {
    exporter.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
  }

  @Test
  @Timeout(180)
  void itsFiguresAreTheKernelsAndItIsReadAgainAfterItsDeath() throws Exception {
    int port = SondeProcesses.freePorts(1).get(0);
    start(port);
    SondeProcess server =
        sondes
            .server(
                "node",
                "--set",
                "sonde.http.port=0",
                "--set",
                "sonde.polling.max-back-off=2s",
                "--set",
                "sonde.polling.sources=[{name=s,interval=1s,meters=[\"node_*\"],"
                    + "resources=[\"http://127.0.0.1:"
                    + port
                    + "/metrics\"]}]")
            .start();
    String id = "127.0.0.1:" + port;
    Wait.until(SOON, "samples", () -> memory(server.base(), id) > 0);
    double kibibytes =
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
            .filter(line -> line.startsWith("MemTotal:"))
            .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
    assertThat(memory(server.base(), id)).isCloseTo(kibibytes * 1024, within(1.0));
    JsonNode cpu =
        http.get(
            server.base(),
            "v2/meters/node_cpu_seconds_total?limit=1&q.field=resource_id&q.value=" + id);
    assertThat(cpu.get(0).get("counter_type").asText()).isEqualTo("cumulative");
    assertThat(cpu.get(0).get("counter_unit").asText()).isEqualTo("s");
    assertThat(cpu.get(0).get("resource_metadata").get("mode").asText()).isNotEmpty();
    assertThat(http.get(server.base(), "v2/meters?limit=10000").toString()).doesNotContain("\"go_");

    exporter.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    Wait.until(SOON, "a failure", () -> status(server.base(), id).get("failures").asInt() > 1);
    start(port);
    Wait.until(SOON, "no failure", () -> status(server.base(), id).get("failures").asInt() == 0);
  }

  private void start(int port) throws IOException {
    exporter =
        new ProcessBuilder("prometheus-node-exporter", "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
  }

  private double memory(URI base, String id) {
    JsonNode samples =
        http.get(
            base, "v2/meters/node_memory_MemTotal_bytes?limit=1&q.field=resource_id&q.value=" + id);
    return samples.isEmpty() ? 0 : samples.get(0).get("counter_volume").asDouble();
  }

  private JsonNode status(URI base, String id) {
    return http.get(base, "v2/polling/s/resources/" + HttpJson.encode(id)).get(0);
  }
}
