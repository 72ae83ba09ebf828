package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.server.Exporters.Manner;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that polls exporters of which some hang, break, vanish and come back. */
@Tag("faults")
@Timeout(300)
class PollingFaultIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration WATCHED = Duration.ofSeconds(10);
  private static final int WELL = 90;

  /** The polls of one resource are a second apart; what stops longer than that has missed some. */
  private static final long NO_POLL_MISSED = 2_500;

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();
  private Exporters exporters;
  private SondeProcess server;

  @BeforeEach
  void start() throws Exception {
    exporters = new Exporters();
    server =
        sondes.server(
            "node",
            "--set",
            "sonde.http.port=0",
            "--set",
            "sonde.polling.max-back-off=3s",
            "--set",
            "sonde.polling.max-per-host=8",
            "--set",
            "sonde.polling.sources=[{name=s,interval=1s,timeout=500ms,misses=2,discovery="
                + exporters.discovery()
                + "}]");
  }

  @AfterEach
  void stop() {
    exporters.close();
  }

  @Test
  void targetsThatHangOrBreakDelayNoOthersAndAreReadAgainSoon() {
    List<String> well = names("well", WELL);
    well.forEach(name -> exporters.list(name, Manner.WELL));
    // They are all of one host, of which eight polls may be under way.
    exporters.list("hanging", Manner.HANGING);
    exporters.list("trickling", Manner.TRICKLING);
    exporters.list("garbage", Manner.GARBAGE);
    exporters.list("broken", Manner.BROKEN);
    server.start();
    Wait.until(SOON, "all are read", () -> well.stream().allMatch(this::isRead));
    long begun = System.nanoTime();
    Wait.reached(WATCHED, () -> false);
    for (String name : well) {
      assertThat(exporters.longestPause(name, begun)).as(name).isLessThan(NO_POLL_MISSED);
    }
    JsonNode source = http.get(server.base(), "v2/polling").get(0);
    assertThat(source.get("resource_count").asInt()).isEqualTo(WELL + 4);
    assertThat(source.get("failing_count").asInt()).isEqualTo(4);
    assertThat(status("hanging").get("error").asText()).contains("no answer within 500 ms");
    assertThat(status("trickling").get("error").asText()).contains("no answer within 500 ms");
    assertThat(status("garbage").get("error").asText()).contains("line 1 of the exposition");
    assertThat(status("broken").get("error").asText()).contains("answered with status 500");
    assertThat(status("broken").get("failures").asInt()).isGreaterThan(1);

    for (String name : List.of("hanging", "trickling", "garbage", "broken")) {
      exporters.list(name, Manner.WELL);
      Wait.until(SOON, name + " is read again", () -> isRead(name));
      Wait.until(SOON, name + " is well", () -> status(name).get("failures").asInt() == 0);
    }
    // Each answer was stored, as a counter that says how many there were.
    String one = well.get(0);
    int answers = exporters.answers(one).size();
    Wait.until(
        SOON,
        "every answer is stored",
        () ->
            http.get(
                        server.base(),
                        "v2/meters/reads_total/statistics?q.field=resource_id&q.value="
                            + HttpJson.encode(exporters.resource(one)))
                    .get(0)
                    .get("count")
                    .asInt()
                >= answers);
  }

  @Test
  void aServerThatStoodStillSkipsWhatItMissedAndGoesOn() {
    List<String> well = names("well", 20);
    well.forEach(name -> exporters.list(name, Manner.WELL));
    server.start();
    Wait.until(SOON, "all are read", () -> well.stream().allMatch(this::isRead));
    int before = exporters.answers(well.get(0)).size();
    server.signal("STOP");
    Wait.reached(Duration.ofSeconds(6), () -> false);
    server.signal("CONT");
    long woken = System.nanoTime();
    Wait.reached(Duration.ofSeconds(5), () -> false);
    for (String name : well) {
      assertThat(exporters.longestPause(name, woken)).as(name).isLessThan(NO_POLL_MISSED);
      long after = exporters.answers(name).stream().filter(time -> time > woken).count();
      assertThat(after).as(name + " is not asked for what was missed").isBetween(3L, 8L);
    }
    assertThat(exporters.answers(well.get(0)).size()).isGreaterThan(before);
    assertThat(http.answer(server.base(), "metrics").body())
        .containsPattern(
            "sonde_poll_outcomes_total\\{outcome=\"skipped\",source=\"s\"} ([2-9]\\d|\\d{3,})");
  }

  @Test
  void whatVanishesIsGoneOnceAndWhatComesBackIsAnotherExistence() throws Exception {
    exporters.list("stays", Manner.WELL);
    exporters.list("goes", Manner.WELL);
    server.start();
    Wait.until(SOON, "both are read", () -> isRead("stays") && isRead("goes"));
    assertThat(intervals("goes")).hasSize(1);
    // It goes while nobody looks, and another server finds that out.
    server.kill9WithPostgres();
    exporters.unlist("goes");
    server.start();
    Wait.until(SOON, "an end", () -> !intervals("goes").get(0).get("end").isNull());
    Wait.until(SOON, "only one is polled", () -> answer("goes").statusCode() == 404);
    assertThat(intervals("stays").get(0).get("end").isNull()).isTrue();

    exporters.list("goes", Manner.WELL);
    Wait.until(SOON, "another existence", () -> intervals("goes").size() == 2);
    assertThat(
            http.get(
                server.base(),
                "v2/events?q.field=event_type&q.op=eq&q.value=polling.resource.gone"))
        .hasSize(1);
    int before = exporters.answers("goes").size();
    HttpResponse<String> polled = http.post(server.base(), path("goes"), "");
    assertThat(polled.statusCode()).as(polled.body()).isEqualTo(200);
    assertThat(exporters.answers("goes").size()).isGreaterThan(before);
    assertThat(http.post(server.base(), "v2/polling/s/resources/none", "").statusCode())
        .isEqualTo(404);
    assertThat(http.post(server.base(), "v2/polling/s", "").statusCode()).isEqualTo(202);
    assertThat(http.get(server.base(), "v2/polling/s/resources?limit=1")).hasSize(1);
    assertThat(http.get(server.base(), "v2/polling/s/resources?failing=1")).isEmpty();
  }

  private static List<String> names(String kind, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(kind + i);
    }
    return names;
  }

  private boolean isRead(String name) {
    return !exporters.answers(name).isEmpty();
  }

  private String path(String name) {
    return "v2/polling/s/resources/" + HttpJson.encode(exporters.resource(name));
  }

  private HttpResponse<String> answer(String name) {
    return http.answer(server.base(), path(name));
  }

  private JsonNode status(String name) {
    return http.get(server.base(), path(name)).get(0);
  }

  private JsonNode intervals(String name) {
    return http.get(
        server.base(), "v2/resources/" + HttpJson.encode(exporters.resource(name)) + "/intervals");
  }
}
