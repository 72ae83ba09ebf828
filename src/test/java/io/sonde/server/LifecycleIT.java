package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** From notifications to what can be billed, over a real process with the definitions it ships. */
class LifecycleIT {
  @RegisterExtension static final SondeProcesses sondes = new SondeProcesses();

  private static SondeProcess server;

  private final HttpJson http = new HttpJson();
  private final Instant noon =
      Instant.now().minus(Duration.ofHours(5)).truncatedTo(ChronoUnit.HOURS);

  @BeforeEach
  void start() throws Exception {
    if (server == null) {
      Path file =
          Files.writeString(
              sondes.directory().resolve("sonde.conf"),
              "sonde.http.port = 0, sonde.polling.sources = []");
      server = sondes.server("node", "--config", file.toString()).start();
    }
  }

  @Test
  void anInstanceIsBilledFromItsBeginningToItsEnd() throws Exception {
    tell(
        "vm", "create.end", 0, 512, "\"launched_at\": \"" + naive(0) + "\", \"state\": \"active\"");
    tell("vm", "resize.confirm.end", 30, 1024, "\"state\": \"active\"");
    tell(
        "vm",
        "delete.end",
        75,
        1024,
        "\"deleted_at\": \"" + naive(75) + "\", \"state\": \"deleted\"");
    // A service that sends again.
    HttpResponse<String> again =
        tell(
            "vm",
            "delete.end",
            75,
            1024,
            "\"deleted_at\": \"" + naive(75) + "\", \"state\": \"deleted\"");
    assertThat(again.headers().firstValue("Sonde-Accepted")).contains("0");

    JsonNode intervals = http.get(server.base(), "v2/resources/vm/intervals");
    assertThat(intervals).hasSize(2);
    assertThat(intervals.get(0).get("begin").asText()).isEqualTo(naive(0));
    assertThat(intervals.get(0).get("shape").get("memory_mb").asText()).isEqualTo("512");
    assertThat(intervals.get(1).get("end").asText()).isEqualTo(naive(75));
    assertThat(intervals.get(1).get("shape").get("memory_mb").asText()).isEqualTo("1024");

    JsonNode usage =
        http.get(
            server.base(),
            "v2/usage?meter=memory&start=" + naive(0) + "&end=" + naive(240) + "&resource_id=vm");
    // 512 MiB for half an hour, 1024 for 45 minutes, to the second.
    assertThat(usage.findValue("quantity").asDouble()).isEqualTo(512 * 0.5 + 1024 * 0.75);
    assertThat(usage.findValue("gaps").asInt()).isZero();
  }

  @Test
  void whatIsToldIsNeitherLostNorStoredWithItsSecrets() throws Exception {
    HttpResponse<String> refused =
        http.post(server.base(), "v2/notifications", "[{\"message_id\": 5}]");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("notifications[0]: ", "message_id");
    assertThat(http.get(server.base(), "v2/notifications/dead")).isEmpty();
    tell(
        "other",
        "exists",
        1,
        64,
        "\"metadata\": {\"metering.admin_password\": \"sesame\", \"metering.role\": \"web\"}");
    JsonNode samples = http.get(server.base(), "v2/meters/memory?limit=1000");
    assertThat(samples.findValuesAsText("user_metadata.role")).containsExactly("web");
    assertThat(samples.findValuesAsText("user_metadata.admin_password")).containsExactly("***");
    assertThat(samples.toString()).doesNotContain("sesame");
  }

  private HttpResponse<String> tell(
      String instance, String what, int minute, int memory, String more) throws Exception {
    String notification =
        """
        {"message_id": "%6$s-%1$s-%2$d", "event_type": "compute.instance.%1$s", "priority": "INFO",
         "publisher_id": "compute.host", "timestamp": "%3$s", "_context_auth_token": "sesame",
         "_context_project_id": "p", "_context_user_id": "u", "payload": {
         "instance_id": "%6$s", "tenant_id": "p", "user_id": "u", "memory_mb": %4$d, "vcpus": 1,
         "disk_gb": 1, "root_gb": 1, "ephemeral_gb": 0, %5$s}}
        """
            .formatted(what, minute, naive(minute), memory, more, instance);
    HttpResponse<String> answer = http.post(server.base(), "v2/notifications", notification);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return answer;
  }

  private String naive(int minute) {
    return noon.plus(Duration.ofMinutes(minute)).toString().replace("Z", "");
  }
}
