package io.sonde.http;

import static io.sonde.http.ApiServer.assertError;
import static io.sonde.http.ApiServer.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.Event;
import io.sonde.model.Metadata;
import io.sonde.model.Receipt;
import io.sonde.notification.EventAgent;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.publish.EventDelivery;
import io.sonde.query.EventService;
import io.sonde.query.Lifecycle;
import io.sonde.query.LifecycleService;
import io.sonde.query.ResourceView;
import io.sonde.server.TestPostgres;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore;
import io.sonde.store.Migrations;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events over HTTP, really stored. */
class EventRoutesIT {
  private static final int MAX_BODY = 16 << 20;
  private static final Pattern NEXT = Pattern.compile("<http://[^/]+(/[^>]+)>; rel=\"next\"");
  private static final String ALL_TYPES =
      """
      [{"message_id": "m-1", "event_type": "compute.instance.create.end",
        "generated": "2016-05-06T12:00:00.5+02:00",
        "traits": [["state", 1, "active"], ["size", 2, 5], ["load", 3, 1.5],
                   ["launched_at", 4, "2016-05-06T09:00:00.000001"], ["project_id", 1, "p1"]],
        "raw": {"a": [1, null, 1.50, "\u00e9"]}, "message_signature": "abc"}]""";

  @TempDir static Path folder;
  private static final Executor DIRECT = Runnable::run;
  private static ExecutorService blocking;
  private static TestPostgres postgres;
  private static DatabaseSettings settings;
  private static Database database;
  private static ApiServer server;

  @BeforeAll
  static void start() throws Exception {
    postgres = TestPostgres.start(folder);
    settings = postgres.newDatabase();
    Migrations.run(settings);
    database = Database.open(settings);
    blocking = Executors.newFixedThreadPool(4);
    server =
        new ApiServer(
            MAX_BODY,
            service(database, "null", blocking),
            lifecycles(),
            intake(database, "null", blocking));
  }

  @AfterAll
  static void stop() {
    server.close();
    blocking.shutdown();
    database.close();
    postgres.close();
  }

  @BeforeEach
  void empty() throws Exception {
    TestPostgres.execute(settings, "TRUNCATE event, event_trait");
  }

  private static EventService service(Database database, String keep, Executor executor) {
    return new EventService(new EventStore(database), retention(keep), executor);
  }

  private static EventRetention retention(String keep) {
    return EventRetention.from(
        ConfigFactory.parseString("events.keep = " + keep),
        Clock.fixed(Instant.parse("2016-05-06T12:34:56Z"), ZoneOffset.UTC));
  }

  private static LifecycleService lifecycles() {
    return new LifecycleService(
        Lifecycle.from(
            ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde")),
        new EventStore(database),
        blocking);
  }

  /** Takes events by the pipelines that are there by default. */
  private static Function<List<Event>, CompletionStage<Receipt>> intake(
      Database database, String keep, Executor executor) {
    EventDelivery delivery =
        new EventDelivery(
            new EventStore(database), publisher -> 0, executor, Clock.systemUTC(), () -> {});
    PipelineSettings pipelines =
        PipelineSettings.from(
            ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde"));
    return new EventAgent(retention(keep), pipelines, delivery::add)::submit;
  }

  @Test
  void whatIsPushedIsAnswered() throws Exception {
    HttpResponse<String> pushed = server.post("/v2/events", ALL_TYPES);
    assertCounts(pushed, 1, 0);
    assertThat(pushed.body()).isEqualTo("[]");
    JsonNode expected =
        tree(
            """
            {"message_id": "m-1", "event_type": "compute.instance.create.end",
             "generated": "2016-05-06T10:00:00.500000",
             "traits": [
               {"name": "launched_at", "type": "datetime", "value": "2016-05-06T09:00:00.000001"},
               {"name": "load", "type": "float", "value": "1.5"},
               {"name": "project_id", "type": "string", "value": "p1"},
               {"name": "size", "type": "integer", "value": "5"},
               {"name": "state", "type": "string", "value": "active"}],
             "raw": {"a": [1, null, 1.50, "\u00e9"]}}""");
    JsonNode all = json("/v2/events");
    assertThat(all).hasSize(1);
    assertThat(all.get(0)).isEqualTo(expected);
    assertThat(json("/v2/events/m-1/")).isEqualTo(expected);
    // What was answered can be pushed again: it is the same event.
    assertCounts(server.post("/v2/events", all.toString()), 0, 1);
    assertThat(json("/v2/events")).isEqualTo(all);
    String other = all.toString().replace("m-1", "m-2");
    assertCounts(server.post("/v2/events", other), 1, 0);
    assertThat(json("/v2/events/m-2").get("traits")).isEqualTo(expected.get("traits"));
  }

  @Test
  void valuesMayBeWrittenInOtherWays() throws Exception {
    String traits =
        "[[\"t\", 1, 5], [\"b\", \"string\", true], [\"i\", 2, \" 7 \"], [\"f\", 3, 2],"
            + " [\"g\", 3, \"1e-7\"], [\"d\", 4, \"2016-05-06\"]]";
    assertCounts(server.post("/v2/events", "[" + event("m", "t", traits) + "]"), 1, 0);
    assertThat(values(json("/v2/events/m").get("traits"), "value"))
        .containsExactly("True", "2016-05-06T00:00:00", "2.0", "1e-07", "7", "5");
    String odd =
        "[{\"message_id\":\"o\",\"event_type\":\"t\",\"generated\":\"2016-05-06\","
            + "\"traits\":null,\"raw\":{\"n\":NaN,\"z\":\"\\u0000\",\"deep\":{\"raw\":[]}}}]";
    assertCounts(server.post("/v2/events", odd), 1, 0);
    assertThat(json("/v2/events/o").get("raw").toString())
        .isEqualTo("{\"n\":\"NaN\",\"z\":\"\\u0000\",\"deep\":{\"raw\":[]}}");
  }

  @Test
  void eventsStandInOrderOfTimeThenId() throws Exception {
    push(at("b", "12:00:01"), at("c", "12:00:00"), at("a", "12:00:01"), at("B", "12:00:01"));
    assertThat(ids("/v2/events")).containsExactly("c", "B", "a", "b");
    assertThat(ids("/v2/events?limit=2")).containsExactly("c", "B");
    assertThat(
            ids(
                "/v2/events?q.field=start_timestamp&q.op=ge&q.value=2016-05-06T14:00:01%2B02:00"
                    + "&q.field=end_timestamp&q.op=le&q.value=2016-05-06T12:00:01"))
        .containsExactly("B", "a", "b");
    assertThat(ids("/v2/events?q.field=event_type&q.value=x")).isEmpty();
    assertThat(ids("/v2/events?q.field=event_type&q.op=&q.value=t&q.type=")).hasSize(4);
    assertThat(ids("/v2/events?q.field=message_id&q.op=eq&q.value=a")).containsExactly("a");
  }

  @ParameterizedTest
  @CsvSource({
    "i, lt, 2, integer, 1",
    "i, le, 2, integer, 1 2",
    "i, eq, 2, integer, 2",
    "i, ne, 2, integer, 1 3 10",
    "i, ge, 2, integer, 2 3 10",
    "i, gt, 2, integer, 3 10",
    "f, gt, 1.5, float, 2 3 10",
    "f, le, 25e-1, float, 1 2",
    "s, lt, s2, string, 1 10",
    "s, lt, s2, '', 1 10",
    "d, ge, 2016-05-03T02:00:00+02:00, datetime, 3 10",
    "i, eq, 2, string, ''",
    "s, ne, x, string, 1 2 3 10",
    "none, ne, x, string, ''",
  })
  void traitsAreComparedByTheirType(String field, String op, String value, String type, String ids)
      throws Exception {
    push(
        IntStream.of(1, 2, 3, 10)
            .mapToObj(
                i ->
                    event(
                        Integer.toString(i),
                        "t",
                        "[[\"i\", 2, %d], [\"f\", 3, %d.5], [\"s\", 1, \"s%d\"],".formatted(i, i, i)
                            + " [\"d\", 4, \"2016-05-%02d\"]]".formatted(i)))
            .toArray(String[]::new));
    String query =
        "/v2/events?q.field=%s&q.op=%s&q.value=%s&q.type=%s"
            .formatted(field, op, URLEncoder.encode(value, StandardCharsets.UTF_8), type);
    List<String> expected = ids.isEmpty() ? List.of() : List.of(ids.split(" ", -1));
    assertThat(ids(query)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void typesAndTheirTraitsAreListed() throws Exception {
    assertThat(json("/v2/event_types")).isEmpty();
    push(
        event("1", "b", "[[\"x\", 1, \"v\"], [\"y\", 2, 10]]"),
        event("2", "b", "[[\"x\", 1, \"u\"], [\"x\", 2, 7], [\"y\", 2, 9]]"),
        event("3", "b", "[[\"x\", 1, \"v\"]]"),
        event("4", "a/c", "[[\"z\", 3, 0.1]]"));
    assertThat(json("/v2/event_types").toString()).isEqualTo("[\"a/c\",\"b\"]");
    assertThat(json("/v2/event_types?limit=1").toString()).isEqualTo("[\"a/c\"]");
    assertThat(json("/v2/event_types/b/traits").toString())
        .isEqualTo(
            "[{\"name\":\"x\",\"type\":\"string\"},{\"name\":\"x\",\"type\":\"integer\"},"
                + "{\"name\":\"y\",\"type\":\"integer\"}]");
    assertThat(json("/v2/event_types/a%2Fc/traits")).hasSize(1);
    assertThat(json("/v2/event_types/none/traits")).isEmpty();
    assertThat(json("/v2/event_types/b/traits/x").toString())
        .isEqualTo(
            "[{\"name\":\"x\",\"type\":\"string\",\"value\":\"u\"},"
                + "{\"name\":\"x\",\"type\":\"string\",\"value\":\"v\"},"
                + "{\"name\":\"x\",\"type\":\"integer\",\"value\":\"7\"}]");
    assertThat(json("/v2/event_types/b/traits/y/").toString())
        .isEqualTo(
            "[{\"name\":\"y\",\"type\":\"integer\",\"value\":\"9\"},"
                + "{\"name\":\"y\",\"type\":\"integer\",\"value\":\"10\"}]");
    assertThat(json("/v2/event_types/b/traits/none")).isEmpty();
    assertThat(json("/v2/event_types/b/traits/%00")).isEmpty();
    assertError(server.get("/v2/event_types/b"), 404, "Not Found: /v2/event_types/b");
  }

  @Test
  void whatIsNotThereIsSaidSo() throws Exception {
    assertError(server.get("/v2/events/m"), 404, "Event m Not Found");
    assertError(server.get("/v2/events/%00"), 404, "Event \0 Not Found");
    assertError(server.get("/v2/events/m/x"), 404, "Not Found: /v2/events/m/x");
    HttpResponse<String> post = server.post("/v2/events/m", "[]");
    assertError(post, 405, "Method Not Allowed, only GET, HEAD.");
    HttpRequest delete = server.request("/v2/events").DELETE().build();
    assertError(server.send(delete), 405, "Method Not Allowed, only GET, HEAD, POST.");
    assertError(server.post("/v2/event_types", "[]"), 405, "Method Not Allowed, only GET, HEAD.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "q.field=start_timestamp&q.op=gt&q.value=2016-05-06 | Operator gt is not supported. Only"
            + " `ge' operator is available for field start_timestamp",
        "q.field=start_timestamp&q.value=2016-05-06 | Operator eq is not supported. Only `ge'"
            + " operator is available for field start_timestamp",
        "q.field=end_timestamp&q.op=lt&q.value=2016-05-06 | Operator lt is not supported. Only"
            + " `le' operator is available for field end_timestamp",
        "q.field=event_type&q.op=ne&q.value=x | Operator ne is not supported. Only `eq' operator"
            + " is available for field event_type",
        "q.field=message_id&q.op=le&q.value=x | Operator le is not supported. Only `eq' operator"
            + " is available for field message_id",
        "q.field=a&q.op=like&q.value=x | Operator like is not supported. The supported operators"
            + " are: ('lt', 'le', 'eq', 'ne', 'ge', 'gt')",
        "q.field=a&q.value=x&q.type=blob | The data type blob is not supported. The supported"
            + " data type list is: ['string', 'integer', 'float', 'datetime']",
        "q.field=a&q.value=x&q.type=text | The data type text is not supported. The supported"
            + " data type list is: ['string', 'integer', 'float', 'datetime']",
        "q.field=a&q.value=1.5&q.type=integer | Unable to convert the value 1.5 to the expected"
            + " data type integer.",
        "q.field=a&q.value=nan&q.type=float | Unable to convert the value nan to the expected"
            + " data type float.",
        "q.field=a&q.value=12&q.type=datetime | Unable to convert the value 12 to the expected"
            + " data type datetime.",
        "q.field=start_timestamp&q.op=ge&q.value=12 | Invalid input for field/attribute"
            + " start_timestamp. Value: '12'. invalid timestamp format",
        "q.field=a | Invalid input for field/attribute value. Value: 'None'. Mandatory field"
            + " missing.",
        "q.field=&q.value=x | Invalid input for field/attribute field. Value: ''. 1 to 255"
            + " characters are expected",
        "limit=0 | Limit must be positive",
        "marker=x | Invalid input for field/attribute marker. Value: 'x'. a marker out of the"
            + " Link of an answer is expected",
        "marker=x&marker=y | Invalid input for field/attribute marker. Value: 'x, y'. Given more"
            + " than once.",
        "sort=x | Unknown argument: \"sort\"",
      })
  void aQuestionThatCannotBeReadIsNamed(String query, String message) throws Exception {
    assertError(server.get("/v2/events?" + query), 400, message);
  }

  @Test
  void whatIsNoListingTakesNoLimit() throws Exception {
    assertError(server.get("/v2/events/m?limit=1"), 400, "Unknown argument: \"limit\"");
    assertError(server.get("/v2/event_types/t/traits?limit=-1"), 400, "Limit must be positive");
    assertError(server.post("/v2/events?limit=1", ALL_TYPES), 400, "Unknown argument: \"limit\"");
  }

  /** The second event of a push: a field and its value, and what is wrong with them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"message_id\": 5 | message_id | 5 | 1 to 255 characters are expected",
        "\"message_id\": \"\" | message_id | '' | 1 to 255 characters are expected",
        "\"message_id\": \"a\\u0000b\" | message_id | a\0b | text without U+0000 and halves of"
            + " surrogate pairs is expected",
        "\"event_type\": null | event_type | None | 1 to 255 characters are expected",
        "\"event_type\": [] | event_type | [...] | 1 to 255 characters are expected",
        "\"generated\": \"soon\" | generated | soon | invalid timestamp format",
        "\"generated\": 5 | generated | 5 | a date, or a date and a time, is expected",
        "\"traits\": {} | traits | {...} | an array is expected",
        "\"traits\": [[\"a\", 1, \"b\"], [\"a\", 1, \"c\"]] | traits | [...] | the trait a stands"
            + " twice with the same type",
        "\"raw\": 5 | raw | 5 | an object is expected",
        "\"raw\": {\"a\":\"\\ud800\"} | raw | {\"a\":\"?\"} | text without U+0000 and halves of"
            + " surrogate pairs is expected",
      })
  void aMistakeInAPushIsNamed(String field, String name, String value, String why)
      throws Exception {
    String body = "[" + at("good", "12:00:00") + "," + withField(field) + "]";
    assertError(
        server.post("/v2/events", body),
        400,
        "Invalid input for field/attribute %s. Value: '%s'. events[1]: %s"
            .formatted(name, value, why));
    assertThat(json("/v2/events")).as("nothing is taken").isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5 | traits | 5 | an array or an object is expected",
        "[\"a\", 1] | traits | ['a', 1] | name, type and value are expected",
        "[5, 1, \"x\"] | name | 5 | 1 to 255 characters are expected",
        "[\"a\", 0, \"x\"] | type | 0 | 1 (string), 2 (integer), 3 (float) or 4 (datetime) is"
            + " expected",
        "{\"name\": \"a\", \"type\": \"text\", \"value\": \"x\"} | type | text | 1 (string), 2"
            + " (integer), 3 (float) or 4 (datetime) is expected",
        "{\"name\": \"a\", \"type\": \"string\"} | a | None | text is expected",
        "[\"a\", 1, [5]] | a | [] | text is expected",
        "[\"a\", 2, 1.5] | a | 1.5 | a whole number of 64 bits is expected",
        "[\"a\", 2, 9223372036854775808] | a | 9223372036854775808 | a whole number of 64 bits is"
            + " expected",
        "[\"a\", 2, true] | a | True | a whole number of 64 bits is expected",
        "[\"a\", 3, NaN] | a | nan | a finite number is expected",
        "[\"a\", 3, \"1d\"] | a | 1d | a finite number is expected",
        "[\"a\", 4, 5] | a | 5 | a date, or a date and a time, is expected",
        "[\"a\", 4, \"2016-13-01\"] | a | 2016-13-01 | a date, or a date and a time, is expected",
        "[\"a\", 1, \"x\\ud800\"] | a | x? | a has the character U+D800 at 1, which cannot be"
            + " stored",
      })
  void aMistakeInATraitIsNamed(String trait, String name, String value, String why)
      throws Exception {
    String traits = "[[\"good\", 1, \"x\"], " + trait + "]";
    assertError(
        server.post("/v2/events", "[" + event("m", "t", traits) + "]"),
        400,
        "Invalid input for field/attribute %s. Value: '%s'. events[0].traits[1]: %s"
            .formatted(name, value, why));
  }

  @Test
  void aPushThatIsNoneIsRefused() throws Exception {
    String none = "Events should be included in request body";
    assertError(server.post("/v2/events", ""), 400, none);
    assertError(server.post("/v2/events", "[]"), 400, none);
    assertError(
        server.post("/v2/events", "{}"),
        400,
        "Invalid input for field/attribute events. Value: '{...}'."
            + " A JSON array of events is expected.");
    assertError(
        server.post("/v2/events", "[5]"),
        400,
        "Invalid input for field/attribute events. Value: '5'. events[0]: an object is expected");
    assertError(
        server.post("/v2/events", "[{}]"),
        400,
        "Invalid input for field/attribute message_id. Value: 'None'."
            + " events[0]: Mandatory field missing.");
    assertError(
        server.post("/v2/events", "[" + withField("\"color\": 1") + "]"),
        400,
        "Unknown argument: \"color\": events[0]: not an attribute of an event");
    assertError(
        server.post("/v2/events", ALL_TYPES + " 5"),
        400,
        "Invalid input for field/attribute events. Value: '5'. Nothing may follow the array.");
    HttpResponse<String> cut = server.post("/v2/events", "[{\"message_id\": ");
    assertThat(cut.statusCode()).isEqualTo(400);
    assertThat(cut.body()).contains("The request body is not JSON at line 1, column ");
    HttpRequest text =
        server
            .request("/v2/events")
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString(ALL_TYPES))
            .build();
    assertError(
        server.send(text),
        415,
        "Unsupported content type text/plain, application/json is expected.");
    assertThat(json("/v2/events")).isEmpty();
  }

  @Test
  void aPushHasBounds() throws Exception {
    String most =
        IntStream.range(0, EventParser.MAX_EVENTS)
            .mapToObj(
                i ->
                    "{\"message_id\":\"%d\",\"event_type\":\"t\",\"generated\":\"2016-05-06\"}"
                        .formatted(i))
            .collect(Collectors.joining(","));
    assertError(
        server.post("/v2/events", "[" + most + "," + at("more", "12:00:00") + "]"),
        413,
        "A push holds at most 20000 events: send several.");
    assertError(
        server.post("/v2/events", "[\"" + "x".repeat(MAX_BODY) + "\"]"),
        413,
        "The request body is larger than " + MAX_BODY + " bytes.");
    assertThat(json("/v2/events")).isEmpty();
    assertCounts(server.post("/v2/events", "[" + most + "]"), 20_000, 0);
    assertThat(json("/v2/events?limit=1000000")).hasSize(20_000);
  }

  @Test
  void aProjectSeesAndTellsOfItselfOnly() throws Exception {
    String own = "[[\"project_id\", 1, \"p1\"], [\"x\", 1, \"own\"]]";
    push(
        event("1", "own", own),
        event("2", "both", own),
        event("3", "both", own.replace("p1", "p2").replace("own", "other")),
        event("4", "theirs", own.replace("p1", "p2")),
        event("5", "nobodys", "[[\"project_id\", 2, 1]]"));
    assertThat(ids("/v2/events")).hasSize(5);
    assertThat(values(asked("/v2/events", "p1", "admin"), "message_id")).hasSize(5);
    assertThat(values(asked("/v2/events", "p1", "member"), "message_id")).containsExactly("1", "2");
    assertThat(asked("/v2/events", "p3", "member")).isEmpty();
    String field = "/v2/events?q.field=project_id&q.value=";
    assertThat(values(asked(field + "p1", "p1", "member"), "message_id")).containsExactly("1", "2");
    assertError(send(field + "p2", "p1", "member"), 401, "Not Authorized to access project p2");
    assertError(send("/v2/events/3", "p1", "member"), 404, "Event 3 Not Found");
    assertThat(asked("/v2/events/2", "p1", "member").get("message_id").asText()).isEqualTo("2");
    assertThat(asked("/v2/event_types", "p1", "member").toString()).isEqualTo("[\"both\",\"own\"]");
    assertThat(asked("/v2/event_types/theirs/traits", "p1", "member")).isEmpty();
    assertThat(asked("/v2/event_types/both/traits", "p1", "member")).hasSize(2);
    assertThat(values(asked("/v2/event_types/both/traits/x", "p1", "member"), "value"))
        .containsExactly("own");
    assertThat(json("/v2/event_types/both/traits/x")).hasSize(2);

    for (String traits : List.of(own.replace("p1", "p2"), "[]")) {
      HttpRequest foreign =
          server
              .request("/v2/events")
              .header("Content-Type", "application/json")
              .header("X-Project-Id", "p1")
              .POST(HttpRequest.BodyPublishers.ofString("[" + event("6", "t", traits) + "]"))
              .build();
      assertError(
          server.send(foreign),
          400,
          "Invalid input for field/attribute project_id. Value: '%s'."
                  .formatted(traits.equals("[]") ? "None" : "p2")
              + " events[0]: can not post events of other projects");
    }
  }

  @Test
  void pagesGoOnToTheEndWhileNewEventsArrive() throws Exception {
    List<String> expected = new ArrayList<>();
    List<String> events = new ArrayList<>();
    for (int i = 0; i < 97; i++) {
      String id = "old-%03d/?&=".formatted(i);
      expected.add(id);
      events.add(at(id, "12:00:%02d".formatted(i / 10)));
    }
    push(events.toArray(String[]::new));
    List<String> seen = new ArrayList<>();
    String path = "/v2/events?limit=10&q.field=event_type&q.op=eq&q.value=t&q.type=";
    for (int page = 0; path != null; page++) {
      HttpResponse<String> answer = server.get(path);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      seen.addAll(values(tree(answer.body()), "message_id"));
      Matcher next = NEXT.matcher(answer.headers().firstValue("Link").orElse(""));
      path = next.matches() ? next.group(1) : null;
      // Some before the place, some behind it, and some that the filter leaves out.
      push(
          at("new-a" + page, "12:00:00"),
          at("new-b" + page, "12:00:0" + Math.min(page, 9)),
          event("new-c" + page, "u", "[]"));
    }
    assertThat(seen).doesNotHaveDuplicates();
    assertThat(seen.stream().filter(id -> id.startsWith("old")).toList()).isEqualTo(expected);
    assertThat(seen).noneMatch(id -> id.startsWith("new-c"));
  }

  @Test
  void typesTraitsAndValuesHavePages() throws Exception {
    push(
        event("1", "b", "[[\"x\", 1, \"\"]]"),
        event("2", "b", "[[\"x\", 1, \"a?&\"], [\"x\", 2, 7], [\"x\", 3, 0.1], [\"y\", 2, 9]]"),
        event("3", "b", "[[\"x\", 4, \"2016-05-06T12:00:00.000001\"], [\"x\", 3, -2.5]]"),
        event("4", "a/c", "[]"),
        event("5", "ä", "[]"));
    for (String path :
        List.of("/v2/event_types", "/v2/event_types/b/traits", "/v2/event_types/b/traits/x")) {
      List<JsonNode> all = new ArrayList<>();
      json(path).forEach(all::add);
      assertThat(all).as(path).hasSizeGreaterThan(2).doesNotHaveDuplicates();
      List<JsonNode> paged = new ArrayList<>();
      for (String next = path + "?limit=1"; next != null; ) {
        HttpResponse<String> answer = server.get(next);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        tree(answer.body()).forEach(paged::add);
        Matcher link = NEXT.matcher(answer.headers().firstValue("Link").orElse(""));
        next = link.matches() ? link.group(1) : null;
      }
      assertThat(paged).as(path).isEqualTo(all);
      HttpResponse<String> csv =
          server.send(server.request(path).header("Accept", "text/csv").build());
      assertThat(csv.body().lines()).as(path).hasSize(all.size() + 1);
      assertThat(server.get(path + "?marker=nonsense").statusCode()).as(path).isEqualTo(400);
    }
    String ofType = new Marker(0, "b").text();
    assertThat(server.get("/v2/event_types/b/traits?marker=" + ofType).statusCode()).isEqualTo(400);
    assertThat(server.get("/v2/event_types/b/traits/x?marker=" + ofType).statusCode())
        .isEqualTo(400);
  }

  @Test
  void veryManyTypesAreListedWhole() throws Exception {
    TestPostgres.execute(
        settings,
        "INSERT INTO event SELECT i, 'm' || i, 'type' || i, 0, '{}'"
            + " FROM generate_series(1, 50001) i");
    HttpResponse<String> answer = server.get("/v2/event_types");
    assertThat(answer.headers().firstValue("Transfer-Encoding")).contains("chunked");
    assertThat(tree(answer.body())).hasSize(50_001);
    assertThat(json("/v2/event_types?limit=30000")).hasSize(30_000);
  }

  @Test
  void howTheDatabaseFindsEventsIsExplained() throws Exception {
    push(
        event("1", "b", "[[\"x\", 1, \"v\"], [\"project_id\", 1, \"p1\"]]"),
        event("2", "b", "[[\"x\", 1, \"u\"]]"));
    JsonNode found =
        json("/v2/events?explain=true&q.field=x&q.value=v&q.field=event_type&q.value=b");
    assertThat(found.get("answers").asInt()).isEqualTo(1);
    assertThat(found.get("narrowed_by").toString())
        .isEqualTo(
            "{\"event_type\":\"b\",\"traits\":"
                + "[{\"name\":\"x\",\"type\":\"string\",\"op\":\"eq\",\"value\":\"v\"}]}");
    assertThat(found.at("/plans/0/0/Plan/Actual Rows").asInt()).isEqualTo(1);
    for (String path :
        List.of("/v2/event_types", "/v2/event_types/b/traits", "/v2/event_types/b/traits/x")) {
      JsonNode plan = json(path + "?explain=1");
      assertThat(plan.get("answers").asInt()).as(path).isPositive();
      assertThat(plan.get("plans")).as(path).hasSize(1);
    }
    JsonNode kept = asked("/v2/events?explain=true", "p1", "member");
    assertThat(kept.get("answers").asInt()).isEqualTo(1);
    assertThat(kept.get("plans")).as("rows of other projects are not counted out").isEmpty();
  }

  @Test
  void eventsTellWhenAResourceExistedAndAsWhat() throws Exception {
    String instance =
        "{\"message_id\":\"%s\",\"event_type\":\"compute.instance.%s\",\"generated\":\"2016-05-06T%s\","
            + "\"traits\":[[\"instance_id\",1,\"vm\"],[\"resource_id\",1,\"vm\"],[\"project_id\",1,\"p\"],"
            + "[\"memory_mb\",2,%d],[\"state\",1,\"active\"]]}";
    push(
        instance.formatted("3", "delete.end", "12:00:00", 1024),
        instance.formatted("1", "create.end", "10:00:00", 512),
        instance.formatted("2", "resize.confirm.end", "11:00:00", 1024),
        at("other", "10:00:00"));
    JsonNode told = tree(server.get("/v2/resources/vm/intervals").body());
    assertThat(told)
        .isEqualTo(
            tree(
                """
                [{"begin": "2016-05-06T10:00:00", "end": "2016-05-06T11:00:00", "state": "active",
                  "shape": {"memory_mb": "512"}, "begun_by": "compute.instance.create.end 1",
                  "ended_by": "compute.instance.resize.confirm.end 2", "remarks": []},
                 {"begin": "2016-05-06T11:00:00", "end": "2016-05-06T12:00:00", "state": "active",
                  "shape": {"memory_mb": "1024"},
                  "begun_by": "compute.instance.resize.confirm.end 2",
                  "ended_by": "compute.instance.delete.end 3", "remarks": []}]"""));
    // Nobody measured this one, and nobody told of it in this project.
    assertError(server.get("/v2/resources/none/intervals"), 404, "Resource none Not Found");
    assertThat(
            server
                .send(
                    server
                        .request("/v2/resources/vm/intervals")
                        .header("X-Project-Id", "q")
                        .build())
                .statusCode())
        .isEqualTo(404);
    server.queries.resources =
        List.of(
            new ResourceView(
                "old", "p", null, "s", Metadata.EMPTY, 1_000_000, 2_000_000, new TreeSet<>()));
    JsonNode measured = tree(server.get("/v2/resources/old/intervals").body());
    server.queries.reset();
    assertThat(measured.get(0).get("begin").asText()).isEqualTo("1970-01-01T00:00:01");
    assertThat(measured.get(0).get("end").isNull()).isTrue();
    assertThat(measured.get(0).get("remarks").get(0).asText())
        .isEqualTo("no event told of it; it was measured last at 1970-01-01T00:00:02");
  }

  @Test
  void aPageThatIsTheLastHasNoNext() throws Exception {
    push(at("a", "12:00:00"), at("b", "12:00:00"));
    assertThat(server.get("/v2/events?limit=2").headers().firstValue("Link")).isEmpty();
    assertThat(server.get("/v2/events?limit=99999999999").headers().firstValue("Link")).isEmpty();
    String link = server.get("/v2/events?limit=1").headers().firstValue("Link").orElseThrow();
    assertThat(link).startsWith("<http://127.0.0.1:" + server.port() + "/v2/events?limit=1&");
  }

  @Test
  void whatIsOlderThanKeptIsRefusedAndDropped() throws Exception {
    push(event("old", "t", "[]"), at("kept", "2016-04-30", "00:00:00"));
    EventService kept = service(database, "6 days", DIRECT);
    kept.dropOld();
    assertThat(ids("/v2/events")).as("all are within six days").hasSize(2);
    service(database, "null", DIRECT).dropOld();
    assertThat(ids("/v2/events")).as("for ever").hasSize(2);
    try (ApiServer other =
        new ApiServer(MAX_BODY, kept, null, intake(database, "6 days", DIRECT))) {
      String before = at("before", "2016-04-29", "23:59:59");
      assertError(
          other.post("/v2/events", "[" + before + "]"),
          400,
          "events from before 2016-04-30T00:00:00Z are not kept");
      HttpResponse<String> both =
          other.post("/v2/events", "[" + before + "," + at("new", "12:00:00") + "]");
      assertCounts(both, 1, 0);
      assertThat(both.headers().firstValue("Sonde-Refused")).contains("1");
      assertThat(both.headers().firstValue("Sonde-Refusal"))
          .contains("events from before 2016-04-30T00:00:00Z are not kept");
    }
    push(at("tooOld", "2016-04-29", "23:59:59"));
    kept.dropOld();
    assertThat(ids("/v2/events")).containsExactly("kept", "old", "new");
  }

  @Test
  void withoutADatabaseClientsAreToldToComeAgain() throws Exception {
    Database closed = Database.open(settings);
    closed.close();
    try (ApiServer away =
        new ApiServer(
            MAX_BODY, service(closed, "null", blocking), null, intake(closed, "null", blocking))) {
      for (HttpResponse<String> answer :
          List.of(away.get("/v2/events"), away.post("/v2/events", ALL_TYPES))) {
        assertError(answer, 503, "the database cannot be asked now");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      }
    }
  }

  private static void push(String... events) throws Exception {
    HttpResponse<String> answer = server.post("/v2/events", "[" + String.join(",", events) + "]");
    assertCounts(answer, events.length, 0);
  }

  private static void assertCounts(HttpResponse<String> answer, int accepted, int duplicate) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    assertThat(answer.headers().firstValue("Sonde-Accepted")).contains("" + accepted);
    assertThat(answer.headers().firstValue("Sonde-Duplicate")).contains("" + duplicate);
  }

  private static String at(String id, String time) {
    return at(id, "2016-05-06", time);
  }

  private static String at(String id, String day, String time) {
    return "{\"message_id\":\"%s\",\"event_type\":\"t\",\"generated\":\"%sT%s\"}"
        .formatted(id, day, time);
  }

  private static String event(String id, String type, String traits) {
    return "{\"message_id\":\"%s\",\"event_type\":\"%s\",\"generated\":\"2016-05-06\","
            .formatted(id, type)
        + "\"traits\":"
        + traits
        + "}";
  }

  /** An event whose last field stands twice, so that this one counts. */
  private static String withField(String field) {
    return at("bad", "12:00:00").replace("}", "," + field + "}");
  }

  private static JsonNode json(String path) throws Exception {
    HttpResponse<String> answer = server.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return tree(answer.body());
  }

  private static HttpResponse<String> send(String path, String project, String roles)
      throws Exception {
    return server.send(
        server
            .request(path)
            .header("X-Project-Id", project)
            .header("X-User-Id", "somebody")
            .header("X-Roles", roles)
            .build());
  }

  private static JsonNode asked(String path, String project, String roles) throws Exception {
    HttpResponse<String> answer = send(path, project, roles);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return tree(answer.body());
  }

  private static List<String> ids(String path) throws Exception {
    return values(json(path), "message_id");
  }

  private static List<String> values(JsonNode array, String field) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(node -> node.get(field).asText())
        .toList();
  }
}
