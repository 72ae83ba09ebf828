package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.Seed;
import io.sonde.audit.SigningKey;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sealed periods, over a real process. Each test has meters of its own. */
@Tag("long")
class PeriodsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final List<String> TYPES = List.of("gauge", "cumulative", "delta");

  @RegisterExtension static final SondeProcesses sondes = new SondeProcesses();

  private static SondeProcess server;
  private static SigningKey key;
  private static int tests;

  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpJson http = new HttpJson();
  private final String meter = "work" + tests++;

  /** The first of the days that are sealed, all of which are over. */
  private final Instant first =
      Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(9));

  private int samples;

  @BeforeEach
  void start() throws Exception {
    if (server == null) {
      key = SigningKey.generate("biller");
      Path secret = Files.writeString(sondes.directory().resolve("key"), key.secretText());
      Path file =
          Files.writeString(
              sondes.directory().resolve("sonde.conf"),
              """
              sonde.http.port = 0
              sonde.polling.sources = []
              sonde.audit.key-file = "%s"
              """
                  .formatted(secret));
      server = sondes.server("node", "--config", file.toString()).start();
    }
  }

  @Test
  void aStatementStaysAndItsCorrectionIsCarriedOnce() throws Exception {
    push("delta", "p1", 0, 10, 5);
    push("delta", "p2", 0, 11, 7);
    HttpResponse<String> sealed = seal(0);
    assertThat(sealed.statusCode()).as(sealed.body()).isEqualTo(201);
    JsonNode statement = JSON.readTree(sealed.body()).get("statement");
    assertThat(statement.get("lines").findValuesAsText("quantity")).containsExactly("5", "7");
    assertThat(statement.get("lines").findValuesAsText("project_id")).containsExactly("p1", "p2");
    assertThat(statement.get("corrections")).isEmpty();
    assertThat(statement.get("checkpoint").get("size").asLong()).isPositive();
    assertThat(seal(0).statusCode()).as("again").isEqualTo(200);
    assertThat(seal(0).body()).isEqualTo(sealed.body());
    String path = sealed.headers().firstValue("Location").orElseThrow().substring(1);
    assertThat(get(path, null).body()).isEqualTo(sealed.body());
    // As of then, usage stays what is stated.
    assertThat(usage(0, "&as_of=" + statement.get("recorded_until").asText())).hasSize(2);

    push("delta", "p1", 0, 12, 0.25);
    push("delta", "p3", 0, 13, 1);
    push("delta", "p1", 1, 10, 100);
    server.kill9();
    server.start();
    assertThat(get(path, null).body()).as("after late samples").isEqualTo(sealed.body());
    assertThat(
            new BigDecimal(
                usage(0, "&as_of=" + statement.get("recorded_until").asText())
                    .get(0)
                    .get("quantity")
                    .asText()))
        .isEqualByComparingTo("5");

    JsonNode second = statement(seal(1));
    assertThat(second.get("previous").get("id").asText()).isEqualTo(statement.get("id").asText());
    assertThat(second.get("lines").findValuesAsText("quantity")).containsExactly("100");
    JsonNode corrections = second.get("corrections");
    assertThat(corrections.findValuesAsText("period"))
        .containsOnly(statement.get("id").asText())
        .hasSize(2);
    assertThat(corrections.get(0).toString())
        .contains("\"difference\":\"0.25\"", "\"stated\":5,", "\"now\":5.25", "\"p1\"");
    assertThat(corrections.get(1).toString())
        .contains("\"difference\":\"1\"", "\"stated\":0", "\"now\":1", "\"p3\"");
    JsonNode third = statement(seal(2));
    assertThat(third.get("corrections")).isEmpty();
    assertThat(third.get("lines")).isEmpty();

    checkOffline(sealed.body());
  }

  private void checkOffline(String answer) throws IOException {
    Path folder = sondes.directory();
    Path file = Files.writeString(folder.resolve("statement.json"), answer);
    String verifier = key.verifier().toString();
    List<String> command = List.of("audit", "check-statement", file.toString(), "--key", verifier);
    SondeCommand holds = SondeCommand.run(folder, command);
    assertThat(holds.exitCode()).as(holds.output() + holds.errors()).isZero();
    Files.writeString(file, answer.replace("\"quantity\":7", "\"quantity\":8"));
    SondeCommand damaged = SondeCommand.run(folder, command);
    assertThat(damaged.exitCode()).as(damaged.output()).isEqualTo(1);
    Files.writeString(file, "{}");
    assertThat(SondeCommand.run(folder, command).exitCode()).isEqualTo(2);
  }

  @Test
  void whatCannotBeSealedIsRefused() throws Exception {
    push("delta", "p1", 0, 1, 1);
    assertThat(seal(0).statusCode()).isEqualTo(201);
    String id = statement(seal(0)).get("id").asText();
    String half = Instant.parse(day(0) + "Z").plus(Duration.ofHours(12)).toString();

    assertRefused(409, post(body(half, day(1), ""), null, null), id, "overlaps");
    assertRefused(400, post(body(day(1), "2999-01-01", ""), null, null), "not over yet");
    assertRefused(400, post(body(day(1), day(0), ""), null, null), "end");
    assertRefused(400, post("[]", null, null), "object");
    assertRefused(400, post("{\"start\": 1}", null, null), "start");
    assertRefused(400, post(body(day(1), day(2), ", \"nonsense\": 1"), null, null), "nonsense");
    assertRefused(
        400, post(body(day(1), day(2), ", \"groupby\": [\"colour\"]"), null, null), "colour");
    assertRefused(401, post(body(day(1), day(2), ""), "p1", null), "administrators");
    // Another selection may overlap, and is another statement.
    assertThat(post(body(half, day(1), ", \"project_id\": \"p1\""), null, null).statusCode())
        .isEqualTo(201);

    assertThat(post(body(day(1), day(2), ""), null, "key-" + meter).statusCode()).isEqualTo(201);
    assertThat(post(body(day(1), day(2), ""), null, "key-" + meter).statusCode()).isEqualTo(200);
    assertRefused(409, post(body(day(2), day(3), ""), null, "key-" + meter), "Idempotency-Key");
    // Nothing of what was refused is there.
    assertThat(idsOfMeter()).hasSize(3);
  }

  @Test
  void aProjectSeesWhatIsStatedOfIt() throws Exception {
    push("delta", "p1", 0, 1, 1);
    push("delta", "p2", 0, 1, 2);
    String all = statement(seal(0)).get("id").asText();
    String own =
        statement(post(body(day(0), day(1), ", \"project_id\": \"p2\""), null, null))
            .get("id")
            .asText();
    String together =
        statement(post(body(day(0), day(1), ", \"groupby\": []"), null, null)).get("id").asText();

    JsonNode part = JSON.readTree(get("v2/periods/" + all, "p1").body());
    assertThat(part.get("whole").asBoolean()).isFalse();
    assertThat(part.get("note").isNull()).isTrue();
    assertThat(part.get("statement").findValuesAsText("project_id")).contains("p1");
    assertThat(part.toString()).doesNotContain("p2");
    assertThat(get("v2/periods/" + own, "p1").statusCode()).isEqualTo(404);
    assertThat(get("v2/periods/" + together, "p1").statusCode()).isEqualTo(404);
    assertThat(get("v2/periods/" + own, "p2").body())
        .isEqualTo(get("v2/periods/" + own, null).body());
    List<String> listed = ids(get("v2/periods?limit=1000", "p1").body());
    assertThat(listed).contains(all).doesNotContain(own, together);

    HttpResponse<String> csv =
        client.send(
            request("v2/periods/" + all).header("Accept", "text/csv").build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(csv.body().lines().toList())
        .hasSize(3)
        .startsWith("kind,period,start,end,meter,type,groupby,quantity,unit,stated,now")
        .anySatisfy(line -> assertThat(line).startsWith("usage," + all).contains("p2", ",2,B,,"));
    JsonNode page = JSON.readTree(get("v2/periods?limit=1", null).body());
    assertThat(page).hasSize(1);
    String next =
        get("v2/periods?limit=1", null)
            .headers()
            .firstValue("Link")
            .orElseThrow()
            .replaceFirst("<[^/]*//[^/]*/([^>]*)>.*", "$1");
    assertThat(ids(get(next, null).body())).hasSize(1).doesNotContainAnyElementsOf(ids(page + ""));
  }

  @Test
  void statementsAndCorrectionsAddUpToUsageWhateverComesWhen() throws Exception {
    Random random = Seed.random();
    List<JsonNode> statements = new ArrayList<>();
    for (int day = 0; day < 5; day++) {
      for (int i = 0; i < 40; i++) {
        push(
            TYPES.get(random.nextInt(3)),
            "p" + random.nextInt(3),
            random.nextInt(5),
            random.nextInt(24 * 60),
            random.nextInt(1_000) / 8.0);
      }
      // Those of days that are sealed already are late.
      statements.add(statement(seal(day)));
    }
    push("delta", "p0", 0, 5, 0.1);
    JsonNode last = statement(seal(5));
    statements.add(last);
    assertThat(last.get("corrections")).hasSize(1);

    for (int day = 0; day < 5; day++) {
      String id = statements.get(day).get("id").asText();
      Map<String, BigDecimal> stated = new TreeMap<>();
      statements.get(day).get("lines").forEach(line -> add(stated, line, "quantity"));
      for (JsonNode statement : statements) {
        for (JsonNode one : statement.get("corrections")) {
          if (one.get("period").asText().equals(id)) {
            add(stated, one, "difference");
          }
        }
      }
      Map<String, BigDecimal> now = new TreeMap<>();
      for (String type : TYPES) {
        for (JsonNode row : usage(meter + "." + type, day, "")) {
          add(now, row, "quantity");
        }
      }
      assertThat(now).isNotEmpty();
      assertThat(now.keySet()).containsAll(stated.keySet());
      now.forEach(
          (what, quantity) ->
              assertThat(stated.getOrDefault(what, BigDecimal.ZERO))
                  .as(what)
                  .isEqualByComparingTo(quantity));
    }
  }

  @Test
  void aKilledServerLeavesAllOrNothing() throws Exception {
    Random random = Seed.random();
    for (int round = 0; round < 2; round++) {
      push("delta", "p1", round, 1, round + 1);
      int day = round;
      long begun = System.nanoTime();
      long delay = random.nextLong(2_000_000_000L);
      CompletableFuture<HttpResponse<String>> asked =
          client.sendAsync(
              sealing(body(day(day), day(day + 1), ""), null, null),
              HttpResponse.BodyHandlers.ofString());
      Wait.until(SOON, "the moment", () -> System.nanoTime() - begun > delay);
      server.kill9();
      boolean isAnswered = !asked.handle((answer, failure) -> failure != null).join();
      server.start();
      List<String> there = idsOfMeter();
      if (isAnswered) {
        assertThat(there).hasSize(round + 1);
      }
      HttpResponse<String> again = seal(day);
      assertThat(again.statusCode()).isEqualTo(there.size() > round ? 200 : 201);
      JsonNode statement = statement(again);
      assertThat(statement.get("lines").findValuesAsText("quantity"))
          .containsExactly("" + (round + 1));
      assertThat(statement.get("corrections")).isEmpty();
      assertThat(idsOfMeter()).hasSize(round + 1);
    }
    assertThat(
            TestPostgres.number(
                server.rows().database(),
                "SELECT count(*) FROM period_figure WHERE meter = '" + meter + ".delta'"))
        .isEqualTo(2);
  }

  @Test
  void sealsAtOnceFollowEachOther() throws Exception {
    for (int day = 0; day < 3; day++) {
      push("delta", "p1", day, 1, 1);
    }
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(
          client.sendAsync(
              sealing(body(day(i % 3), day(i % 3 + 1), ""), null, null),
              HttpResponse.BodyHandlers.ofString()));
    }
    Set<String> previous = new HashSet<>();
    Set<String> bodies = new HashSet<>();
    for (CompletableFuture<HttpResponse<String>> each : all) {
      HttpResponse<String> answer = each.join();
      assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
      if (bodies.add(answer.body())) {
        assertThat(previous.add(statement(answer).get("previous").toString())).isTrue();
      }
    }
    assertThat(bodies).hasSize(3);
    assertThat(idsOfMeter()).hasSize(3);
  }

  private static void add(Map<String, BigDecimal> sums, JsonNode row, String figure) {
    BigDecimal quantity = new BigDecimal(row.get(figure).asText());
    String what = row.get("meter").asText() + row.get("groupby") + row.get("unit").asText();
    sums.merge(what, quantity, BigDecimal::add);
  }

  private static void assertRefused(int status, HttpResponse<String> answer, String... words) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(words);
  }

  private JsonNode statement(HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    JsonNode tree = JSON.readTree(answer.body());
    assertThat(tree.get("signed").asBoolean()).isTrue();
    return tree.get("statement");
  }

  /** The ids of the periods of this test's meters. */
  private List<String> idsOfMeter() throws Exception {
    List<String> ids = new ArrayList<>();
    for (JsonNode one : JSON.readTree(get("v2/periods?limit=1000", null).body())) {
      if (one.get("meters").toString().contains(meter + ".")) {
        ids.add(one.get("id").asText());
      }
    }
    return ids;
  }

  private static List<String> ids(String listing) throws IOException {
    return JSON.readTree(listing).findValuesAsText("id");
  }

  private JsonNode usage(int day, String more) {
    return usage(meter + ".delta", day, more);
  }

  private JsonNode usage(String of, int day, String more) {
    return http.get(
        server.base(),
        "v2/usage?meter=%s&start=%s&end=%s&groupby=project_id%s"
            .formatted(of, day(day), day(day + 1), more));
  }

  private void push(String type, String project, int day, int minute, double volume)
      throws Exception {
    String sample =
        """
        [{"counter_name": "%s.%s", "counter_type": "%s", "counter_unit": "B", "resource_id": "r-%s",
          "project_id": "%s", "counter_volume": %s, "timestamp": "%s", "message_id": "%s-%d"}]
        """
            .formatted(
                meter,
                type,
                type,
                project,
                project,
                volume,
                first.plus(Duration.ofDays(day)).plus(Duration.ofMinutes(minute)),
                meter,
                samples++);
    assertThat(http.post(server.base(), "v2/samples", sample).statusCode()).isEqualTo(201);
  }

  private String day(int day) {
    return first.plus(Duration.ofDays(day)).toString().replace("Z", "");
  }

  private String body(String start, String end, String more) {
    String groupBy = more.contains("groupby") ? "" : ", \"groupby\": [\"project_id\"]";
    return "{\"start\": \"%s\", \"end\": \"%s\", \"meters\": [\"%s.*\"]%s%s}"
        .formatted(start, end, meter, groupBy, more);
  }

  private HttpResponse<String> seal(int day) throws Exception {
    return post(body(day(day), day(day + 1), ""), null, null);
  }

  private HttpResponse<String> post(String body, String project, String idempotencyKey)
      throws Exception {
    return client.send(
        sealing(body, project, idempotencyKey), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest sealing(String body, String project, String idempotencyKey) {
    HttpRequest.Builder request =
        request("v2/periods")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (project != null) {
      request.header("X-Project-Id", project);
    }
    if (idempotencyKey != null) {
      request.header("Idempotency-Key", idempotencyKey);
    }
    return request.build();
  }

  private HttpResponse<String> get(String path, String project) throws Exception {
    HttpRequest.Builder request = request(path);
    if (project != null) {
      request.header("X-Project-Id", project);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.base().resolve(path)).timeout(SOON);
  }
}
