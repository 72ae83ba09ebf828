package io.sonde.http;

import static io.sonde.http.ApiServer.MAX_BODY;
import static io.sonde.http.ApiServer.PUSH;
import static io.sonde.http.ApiServer.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.collector.BrokenAt;
import io.sonde.model.Receipt;
import io.sonde.model.UnavailableException;
import io.sonde.query.BrokenCollectorException;
import io.sonde.server.Wait;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the routes answer when something is wrong. */
class HttpErrorsActorTest {
  private static final Duration TIME = Duration.ofSeconds(20);

  private static final String MISSING_VALUE =
      "Invalid input for field/attribute value. Value: 'None'. Mandatory field missing.";

  private static ApiServer server;

  @BeforeAll
  static void bind() throws Exception {
    server = new ApiServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void reset() {
    server.queries.reset();
    server.taken = null;
    server.receipt = new Receipt(1, 0, 0);
    server.intakeFailure = null;
    server.unready = null;
  }

  @Test
  void nothingOfABadPushIsHandedOn() throws Exception {
    String future = PUSH.replace("}}]", "}, \"timestamp\": \"2017-01-01\"}]");

    assertError(
        server.post("/v2/samples", future),
        400,
        "Invalid input for field/attribute timestamp. Value: '2017-01-01'."
            + " samples[0]: too far in the future");
    assertThat(server.taken).isNull();
  }

  @Test
  void argumentsOfAPushAreReadToo() throws Exception {
    assertError(
        server.post("/v2/meters/cpu?direct=maybe", PUSH),
        400,
        "Invalid input for field/attribute direct. Value: 'maybe'. a boolean is expected");
    assertError(
        server.post("/v2/meters/cpu?direct=1&direct=1", PUSH),
        400,
        "Invalid input for field/attribute direct. Value: '1, 1'. Given more than once.");
    assertThat(server.taken).isNull();
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws Exception {
    for (int size : List.of(MAX_BODY + 1, 2 * MAX_BODY, 20 * MAX_BODY)) {
      assertError(
          server.post("/v2/samples", " ".repeat(size)),
          413,
          "The request body is larger than 65536 bytes.");
    }
    assertThat(server.post("/v2/samples", " ".repeat(MAX_BODY - PUSH.length()) + PUSH).statusCode())
        .isEqualTo(201);
  }

  @Test
  void aRefusedBodyIsReadToItsEnd() throws Exception {
    // More than what lies between the two ends of a connection.
    String head =
        "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nConnection: close\r\n"
            + "Content-Length: %d\r\n\r\n%s";
    ApiServer large = new ApiServer(8 << 20);
    try {
      String body = " ".repeat(15 << 20);
      assertThat(talk(large, head.formatted("/v2/samples", "text/plain", body.length(), body)))
          .startsWith("HTTP/1.1 415 ");
      assertThat(
              talk(
                  large,
                  head.formatted("/v2/samples?x=1", "application/json", body.length(), body)))
          .startsWith("HTTP/1.1 400 ");
    } finally {
      large.close();
    }
  }

  @Test
  void bodiesAreJson() throws Exception {
    HttpRequest form =
        server
            .request("/v2/samples")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(PUSH))
            .build();
    assertError(
        server.send(form),
        415,
        "Unsupported content type application/x-www-form-urlencoded,"
            + " application/json is expected.");
    HttpRequest charset =
        server
            .request("/v2/samples")
            .header("Content-Type", "application/json; charset=utf-8")
            .POST(HttpRequest.BodyPublishers.ofString(PUSH))
            .build();
    assertThat(server.send(charset).statusCode()).isEqualTo(201);
    HttpRequest nothing =
        server.request("/v2/samples").POST(HttpRequest.BodyPublishers.noBody()).build();
    assertError(server.send(nothing), 400, "Samples should be included in request body");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/v2", "/v2/nothing", "/v2/meters/a/b", "/v2/metersx", "/v3", "/health", "/x.jpg"})
  void unknownPathsAreNotFound(String path) throws Exception {
    assertError(server.get(path), 404, "Not Found: " + path);
  }

  @Test
  void aResourceThatIsNotThereIsNotFound() throws Exception {
    assertError(server.get("/v2/resources/r9"), 404, "Resource r9 Not Found");
  }

  @Test
  void aSampleThatIsNotThereIsNotFound() throws Exception {
    assertError(server.get("/v2/samples/a%2Fb"), 404, "Sample a/b Not Found");
    assertError(server.get("/v2/samples/x/y"), 404, "Not Found: /v2/samples/x/y");
    assertError(server.get("/v2/samples/x?limit=1"), 400, "Unknown argument: \"limit\"");
  }

  @Test
  void badComplexQueriesAreRefused() throws Exception {
    assertError(server.post("/v2/query/samples", "{\"limit\": 0}"), 400, "Limit must be positive");
    assertError(
        server.post("/v2/query/samples", "{\"filter\": \"\"}"),
        400,
        "Filter expression not valid: there is nothing");
    assertError(server.post("/v2/query/samples?limit=1", "{}"), 400, "Unknown argument: \"limit\"");
    assertError(
        server.post("/v2/query/samples", " ".repeat(MAX_BODY + 1)),
        413,
        "The request body is larger than 65536 bytes.");
    HttpRequest text =
        server
            .request("/v2/query/samples")
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    assertError(
        server.send(text),
        415,
        "Unsupported content type text/plain, application/json is expected.");
    HttpRequest other =
        server
            .request("/v2/query/samples")
            .header("Content-Type", "application/json")
            .header("X-Project-Id", "p1")
            .POST(
                HttpRequest.BodyPublishers.ofString("{\"filter\": {\"=\": {\"project\": \"p2\"}}}"))
            .build();
    assertError(server.send(other), 401, "Not Authorized to access project p2");
    assertError(server.get("/v2/query/samples"), 405, "Method Not Allowed, only POST.");
    assertThat(server.queries.askedFilter).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "DELETE, /v2/meters/cpu, 'GET, HEAD, POST'",
    "PUT, /v2/samples/, 'GET, HEAD, POST'",
    "POST, /v2/meters, 'GET, HEAD'",
    "POST, /v2/meters/cpu/statistics, 'GET, HEAD'",
    "POST, /v2/resources, 'GET, HEAD'",
    "POST, /v2/samples/x, 'GET, HEAD'",
    "POST, /v2/capabilities, 'GET, HEAD'",
    "POST, /, 'GET, HEAD'",
    "POST, /health/live, 'GET, HEAD'",
    "OPTIONS, /metrics, 'GET, HEAD'",
  })
  void wrongMethodsAreTold(String method, String path, String allowed) throws Exception {
    HttpResponse<String> response =
        server.send(
            server.request(path).method(method, HttpRequest.BodyPublishers.noBody()).build());

    assertError(response, 405, "Method Not Allowed, only " + allowed + ".");
    assertThat(response.headers().firstValue("Allow")).contains(allowed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/html | 406",
        "application/xml, application/json;q=0 | 406",
        "application/json;q=0, */* | 406",
        "*/*, application/*;q=0 | 406",
        "application/*;q=0, application/json | 200",
        "'' | 200",
        "application/json | 200",
        "application/json;charset=utf-8 | 200",
        "application/xml, */*;q=0.1 | 200",
        "application/* | 200",
      })
  void acceptIsHonoured(String accept, int status) throws Exception {
    assertThat(
            server
                .send(server.request("/v2/capabilities").header("Accept", accept).build())
                .statusCode())
        .isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/html | ",
        "'' | application/json; charset=UTF-8",
        "*/* | application/json; charset=UTF-8",
        "text/csv | text/csv; charset=UTF-8",
        "text/*, application/json;q=0.9 | text/csv; charset=UTF-8",
        "application/x-ndjson | application/x-ndjson; charset=UTF-8",
        "application/json;q=0, */* | application/x-ndjson; charset=UTF-8",
      })
  void listingsComeInTheFormThatIsLikedBest(String accept, String type) throws Exception {
    HttpResponse<String> answer =
        server.send(server.request("/v2/meters").header("Accept", accept).build());

    assertThat(answer.statusCode()).isEqualTo(type == null ? 406 : 200);
    if (type != null) {
      assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v2/meters?limit=0 | Limit must be positive",
        "/v2/meters?bogus=1&limit=1 | Unknown argument: \"bogus\"",
        "/v2/samples?limit=1&limit=1 | Invalid input for field/attribute limit. Value: '1, 1'."
            + " Given more than once.",
        "/v2/meters/cpu/statistics?limit=0 | Limit must be positive",
        "/v2/meters/cpu/statistics?period=-1 | Period must be positive.",
        "/v2/meters/cpu/statistics?period=99999999999999 | Invalid period 99999999999999: at most"
            + " 221356800000 seconds",
        "/v2/meters/cpu/statistics?period=300000000000 | Invalid period 300000000000: at most"
            + " 221356800000 seconds",
        "/v2/meters/cpu/statistics?period=99999999999999999999 | Invalid period"
            + " 9223372036854775807: at most 221356800000 seconds",
        "/v2/meters?limit=-99999999999999999999 | Limit must be positive",
        "/v2/meters/cpu/statistics?groupby=x | Unknown argument: \"x\": Invalid groupby fields",
        "/v2/meters/cpu/statistics?groupby=metadata. | Unknown argument: \"metadata.\": Invalid"
            + " groupby fields",
        "/v2/meters/cpu/statistics?groupby=meter | Unknown argument: \"meter\": Invalid groupby"
            + " fields",
        "/v2/meters/cpu/statistics?aggregate.func=mmm | Invalid aggregation function: mmm",
        "/v2/meters/cpu/statistics?aggregate.func=cardinality&aggregate.param=injection_attack | Bad"
            + " aggregate: cardinality.injection_attack",
        "/v2/meters/cpu/statistics?aggregate.func=cardinality | Bad aggregate: cardinality.None",
        "/v2/meters/cpu/statistics?aggregate.func=max&aggregate.param=user_id | Bad aggregate:"
            + " max.user_id",
        "/v2/meters/cpu/statistics?aggregate.param=user_id | Invalid input for field/attribute"
            + " func. Value: 'None'. Mandatory field missing.",
      })
  void badArgumentsAreRefused(String path, String message) throws Exception {
    assertError(server.get(path), 400, message);
    assertThat(server.queries.askedFilter).isNull();
  }

  @Test
  void whatIsAwayIsToldWithATimeToComeBack() throws Exception {
    server.queries.failure = new UnavailableException("a collector is moving");
    server.intakeFailure = new UnavailableException("too much is in flight");

    for (String path : List.of("/v2/samples", "/v2/meters", "/v2/resources", "/v2/meters/c")) {
      HttpResponse<String> response = server.get(path);
      assertError(response, 503, "a collector is moving");
      assertThat(response.headers().firstValue("Retry-After")).contains("1");
    }
    HttpResponse<String> pushed = server.post("/v2/samples", PUSH);
    assertError(pushed, 503, "too much is in flight");
    assertThat(pushed.headers().firstValue("Retry-After")).contains("1");
  }

  @Test
  void whatIsQuotedStaysText() throws Exception {
    String smile = "\ud83d\ude00";
    assertError(
        server.get("/v2/meters/cpu/statistics?groupby=" + "x".repeat(99) + "%F0%9F%98%80yz"),
        400,
        "Unknown argument: \"" + "x".repeat(99) + "...\": Invalid groupby fields");
    assertError(
        server.post("/v2/samples", PUSH.replace("cumulative", "\\ud800" + smile)),
        400,
        "Invalid input for field/attribute counter_type. Value: '?"
            + smile
            + "'. samples[0]: holds U+0000 or half a surrogate pair");
  }

  @Test
  void argumentsInTheBodyOfAQuestionAreNotIgnored() throws Exception {
    for (String path : List.of("/v2/samples", "/v2/meters/cpu/statistics", "/v2/resources/r1")) {
      HttpRequest request =
          server
              .request(path)
              .header("Content-Type", "application/json")
              .method("GET", HttpRequest.BodyPublishers.ofString("{\"q\": []}"))
              .build();
      assertError(
          server.send(request),
          400,
          "Arguments are read from the query string only, not from the body of a GET.");
    }
    assertThat(server.queries.askedFilter).isNull();
  }

  @Test
  void whatADamagedLedgerCannotTellIsAConflict() throws Exception {
    server.queries.failure = new BrokenCollectorException(new BrokenAt(1, 17, "this", "that"));

    assertError(
        server.get("/v2/samples"),
        409,
        "The ledger is damaged, and figures that need it are not told: collector 1, event 17:"
            + " expected this, found that.");
  }

  @Test
  void whatBreaksIsNotShown() throws Exception {
    server.queries.failure = new IllegalStateException("secret");

    assertError(server.get("/v2/samples"), 500, "Internal error; the server's log says more.");
  }

  @Test
  void whatIsNoRequestGetsTheErrorBodyToo() throws Exception {
    assertThat(talk("GET /v2/meters/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"error_message\":{\"debuginfo\":null,\"faultcode\":\"Client\"");
  }

  @Test
  void aHostIsNeededFromHttp11On() throws Exception {
    assertThat(talk("GET /health/live HTTP/1.0\r\n\r\n")).contains(" 200 OK\r\n");
    assertThat(talk("GET /v2/resources HTTP/1.0\r\n\r\n")).contains(" 200 OK\r\n");
    assertThat(talk("GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aBodyThatBreaksOffIsTheSendersMistake() throws Exception {
    String request =
        """
        POST /v2/samples HTTP/1.1
        Host: x
        Content-Type: application/json
        Transfer-Encoding: chunked

        zz
        """;
    assertThat(talk(request.replace("\n", "\r\n")))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"faultstring\":\"The request body cannot be read: Illegal character 'z'");
  }

  @Test
  void queriesAreReadLeniently() throws Exception {
    assertError(server.get("/v2/samples?q.field=%C3%28"), 400, MISSING_VALUE);
    assertError(
        server.get("/v2/samples?q.field=timestamp&q.op=ge&q.value=2016-05-06T12:00:00+02:00"),
        400,
        "Invalid input for field/attribute timestamp. Value: '2016-05-06T12:00:00 02:00'."
            + " invalid timestamp format");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v2/samples HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v2/resources HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /v2/meters HTTP/1.0\r\n\r\n",
        "POST /v2/query/samples HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + "Content-Length: 2\r\n\r\n{}"
      })
  void aClientThatGoesAwayIsNoticed(String request) throws Exception {
    server.queries.isSilent = true;
    BooleanSupplier isGone;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      Wait.until(TIME, "the question", () -> server.queries.whoAskedIsGone != null);
      isGone = server.queries.whoAskedIsGone;
      // Time for whatever might be noticed wrongly.
      server.get("/health/live");
      assertThat(isGone.getAsBoolean()).isFalse();
    }
    Wait.until(TIME, "that the client is gone", isGone::getAsBoolean);
    server.queries.reset();
  }

  @Test
  void aPortInUseIsReportedInOneLine() {
    HttpSettings settings = ApiServer.settings(server.port());

    assertThatThrownBy(
            () ->
                HttpServer.bind(server.system(), settings, new NodeRoutes(() -> null).route())
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(BindException.class)
        .cause()
        .isInstanceOf(CannotListenException.class)
        .hasMessage("cannot listen on 127.0.0.1:" + server.port() + ": address already in use");
  }

  /** What comes back for these bytes until the server closes the connection. */
  private static String talk(String request) throws Exception {
    return talk(server, request);
  }

  private static String talk(ApiServer to, String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
