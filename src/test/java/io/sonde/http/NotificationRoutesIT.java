package io.sonde.http;

import static io.sonde.http.ApiServer.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.collector.Retention;
import io.sonde.definition.Definitions;
import io.sonde.model.Receipt;
import io.sonde.notification.EventAgent;
import io.sonde.notification.NotificationAgent;
import io.sonde.notification.NotificationSettings;
import io.sonde.notification.Notifications;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.server.TestPostgres;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.DeadLetterStore;
import io.sonde.store.EventRetention;
import io.sonde.store.Migrations;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Notifications over HTTP, and the dead letters in a real PostgreSQL. */
class NotificationRoutesIT {
  private static final Config SONDE =
      ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde");
  private static final List<String> EVENTS = new ArrayList<>();

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private static DatabaseSettings settings;
  private static Database database;
  private static DeadLetterStore dead;
  private static ApiServer server;

  @BeforeAll
  static void start() throws Exception {
    postgres = TestPostgres.start(folder);
    settings = postgres.newDatabase();
    Migrations.run(settings);
    database = Database.open(settings);
    dead = new DeadLetterStore(database);
    NotificationSettings bounds = NotificationSettings.from(SONDE.getConfig("notification"));
    PipelineSettings pipelines = PipelineSettings.from(SONDE);
    NotificationAgent samples =
        new NotificationAgent(
            bounds,
            Retention.from(SONDE, Clock.systemUTC()),
            pipelines,
            (sink, batch) -> CompletableFuture.completedFuture(Receipt.NOTHING),
            (sink, batch) -> CompletableFuture.completedFuture(new Receipt(batch.size(), 0, 0)),
            Clock.systemUTC());
    EventAgent events =
        new EventAgent(
            EventRetention.from(SONDE, Clock.systemUTC()),
            pipelines,
            routed -> {
              routed.forEach(one -> EVENTS.add(one.event().messageId()));
              return CompletableFuture.completedFuture(new Receipt(routed.size(), 0, 0));
            });
    server =
        new ApiServer(
            new Notifications(
                bounds,
                Definitions.from(SONDE.getConfig("definitions")),
                samples,
                events,
                dead,
                Runnable::run,
                Clock.systemUTC()));
  }

  @AfterAll
  static void stop() {
    server.close();
    database.close();
    postgres.close();
  }

  @BeforeEach
  void empty() throws Exception {
    TestPostgres.execute(settings, "TRUNCATE dead_notification RESTART IDENTITY");
    EVENTS.clear();
  }

  @Test
  void oneOrAnArrayInEitherEnvelopeIsTaken() throws Exception {
    HttpResponse<String> one = server.post("/v2/notifications", notification("a"));
    assertThat(one.statusCode()).as(one.body()).isEqualTo(201);
    assertThat(one.body()).isEqualTo("[]");
    assertThat(one.headers().firstValue("Sonde-Accepted").map(Integer::parseInt))
        .hasValueSatisfying(count -> assertThat(count).isPositive());
    String inner = notification("b").replace("\"", "\\\"").replace("\n", " ");
    HttpResponse<String> both =
        server.post(
            "/v2/notifications",
            "[{\"oslo.version\":\"2.0\",\"oslo.message\":\""
                + inner
                + "\"},"
                + notification("c")
                + "]");
    assertThat(both.statusCode()).as(both.body()).isEqualTo(201);
    assertThat(EVENTS).containsExactly("a", "b", "c");
    assertThat(server.post("/v2/notifications", "[]").statusCode()).isEqualTo(201);
  }

  @Test
  void aMistakeRefusesThePushAndIsNamed() throws Exception {
    assertRefused(
        server.post("/v2/notifications", "[" + notification("a") + ",{\"message_id\":\"x\"}]"),
        400,
        "notifications[1]: event_type: missing, expected ");
    assertRefused(server.post("/v2/notifications", "{"), 400, "not JSON: ");
    assertRefused(
        server.post("/v2/notifications", "5"), 400, "notification: \"5\" is not an object");
    assertThat(EVENTS).isEmpty();
  }

  @Test
  void deadLettersAreListedShownTriedAndForgotten() throws Exception {
    dead.add(
        IntStream.range(0, 5)
            .mapToObj(
                i ->
                    new DeadLetterStore.NewLetter(
                        "nova/notifications.info",
                        "m-" + i,
                        null,
                        "because",
                        1,
                        (i == 3 ? notification("m-3") : "bad " + i)
                            .getBytes(StandardCharsets.UTF_8)))
            .toList());
    HttpResponse<String> page = server.get("/v2/notifications/dead?limit=3");
    JsonNode listed = tree(page.body());
    assertThat(listed).hasSize(3);
    assertThat(listed.get(0).toString())
        .startsWith(
            "{\"id\":1,\"origin\":\"nova/notifications.info\",\"message_id\":\"m-0\","
                + "\"event_type\":null,\"reason\":\"because\",\"attempts\":1,\"first_seen\":\"");
    String next = page.headers().firstValue("Link").orElseThrow();
    String rest = next.substring(next.indexOf("/v2"), next.indexOf('>'));
    assertThat(tree(server.get(rest).body()).findValuesAsText("id")).containsExactly("4", "5");

    assertThat(tree(server.get("/v2/notifications/dead/1").body()).get("body").asText())
        .isEqualTo("bad 0");
    assertRefused(
        server.post("/v2/notifications/dead/1/retry", ""),
        400,
        "It is a dead letter still: not JSON: ");
    JsonNode again = tree(server.get("/v2/notifications/dead/1").body());
    assertThat(again.get("attempts").asInt()).isEqualTo(2);
    assertThat(again.get("reason").asText()).startsWith("not JSON");

    assertThat(server.post("/v2/notifications/dead/4/retry", "").statusCode()).isEqualTo(201);
    assertThat(EVENTS).containsExactly("m-3");
    assertRefused(server.get("/v2/notifications/dead/4"), 404, "Dead letter 4 Not Found");
    assertRefused(
        server.post("/v2/notifications/dead/x/retry", ""), 404, "Dead letter x Not Found");
    assertThat(
            server.send(server.request("/v2/notifications/dead/5").DELETE().build()).statusCode())
        .isEqualTo(204);
    assertThat(tree(server.get("/v2/notifications/dead").body())).hasSize(3);
  }

  @Test
  void theyAreTheAdministrators() throws Exception {
    assertRefused(
        server.send(
            asUser("/v2/notifications")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(notification("a")))
                .build()),
        401,
        "Not Authorized");
    assertRefused(server.send(asUser("/v2/notifications/dead").build()), 401, "Not Authorized");
    assertThat(EVENTS).isEmpty();
  }

  private static HttpRequest.Builder asUser(String path) {
    return server.request(path).header("X-Project-Id", "p").header("X-Roles", "member");
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String message)
      throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(tree(answer.body()).get("error_message").get("faultstring").asText())
        .startsWith(message);
  }

  private static String notification(String id) {
    return """
        {"message_id": "%s", "event_type": "compute.instance.update", "publisher_id": "compute.h",
         "priority": "INFO", "timestamp": "%s", "payload": {}}
        """
        .formatted(id, Instant.now());
  }
}
