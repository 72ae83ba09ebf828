package io.sonde.http;

import static io.sonde.http.ApiServer.NOON;
import static io.sonde.http.ApiServer.assertError;
import static io.sonde.http.RemoteWriteMessage.labels;
import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Door;
import io.sonde.model.Receipt;
import io.sonde.model.UnavailableException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The remote write door over HTTP, with a fake intake behind it. */
class RemoteWriteActorTest {
  private static final String PATH = "/api/v1/write";
  private static final long T = NOON / 1000;

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
    server.taken = null;
    server.takenBy = null;
    server.receipt = new Receipt(1, 0, 0);
    server.intakeFailure = null;
  }

  @Test
  void whatIsTakenIsAnsweredWith204AndCounts() throws Exception {
    server.receipt = new Receipt(1, 2, 1);

    HttpResponse<String> response =
        post(
            new RemoteWriteMessage()
                .series(labels("__name__", "up", "job", "j").sample(T, 1).sample(T, Double.NaN))
                .compressed());

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(response.body()).isEmpty();
    assertCounts(response, 1, 2, 0, 1);
    assertThat(server.takenBy).isEqualTo(Door.REMOTE_WRITE);
    assertThat(server.taken.size()).isEqualTo(1);
    assertThat(server.taken.series(0).meter()).isEqualTo("up");
    assertThat(server.taken.timestamp(0)).isEqualTo(NOON);
  }

  @Test
  void whatIsRefusedIsAnsweredWith400AfterTheRestIsTaken() throws Exception {
    HttpResponse<String> response =
        post(
            new RemoteWriteMessage()
                .series(T, 1, "__name__", "up")
                .series(T, 1, "job", "nameless")
                .series(T + 100_000_000, 1, "__name__", "up")
                .compressed());

    assertError(
        response,
        400,
        "Refused 2 of 3 samples, the others are stored. The first: timeseries[1]: there is no label"
            + " __name__");
    assertCounts(response, 1, 0, 2, 0);
    assertThat(server.taken.size()).isEqualTo(1);
  }

  @Test
  void metadataAloneIsFineAndReachesNobody() throws Exception {
    HttpResponse<String> response =
        post(
            new RemoteWriteMessage()
                .bytes(3, new RemoteWriteMessage().varint(1, 1).text(2, "up").toBytes())
                .compressed());
    assertThat(response.statusCode()).isEqualTo(204);
    assertCounts(response, 0, 0, 0, 0);
    assertThat(server.taken).isNull();
  }

  @Test
  void anOverloadedServerSaysWhenToComeAgain() throws Exception {
    server.intakeFailure = new UnavailableException("too much");
    HttpResponse<String> response =
        post(new RemoteWriteMessage().series(T, 1, "__name__", "up").compressed());
    assertError(response, 503, "too much");
    assertThat(response.headers().firstValue("Retry-After")).contains("1");
  }

  @Test
  void whatWouldBecomeTooLargeIsNotDecompressed() throws Exception {
    byte[] bomb = RemoteWriteMessage.compressed(new byte[ApiServer.MAX_BODY + 1]);
    assertThat(bomb.length).isLessThan(ApiServer.MAX_BODY / 10);
    assertError(
        post(bomb), 413, "The request body is larger than 65536 bytes: uncompressed it has 65537.");
    // Four gigabytes, by its own word.
    assertThat(post(new byte[] {-1, -1, -1, -1, 0x0f, 0}).statusCode()).isEqualTo(413);
  }

  @Test
  void whatIsNotSnappyIsSaidToBe() throws Exception {
    String start = "The request body is not in snappy's block format: ";
    assertError(post(new byte[0]), 400, start + "it does not begin with its uncompressed length.");
    assertError(
        post(new byte[] {100, 0}),
        400,
        start + "2 bytes cannot become 100, which it says they do.");
    assertError(
        post(new byte[] {5, 8, 1, 2}),
        400,
        start + "its 4 bytes do not become the 5 that it says.");
    assertError(
        post(new byte[] {-1, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y', 1, 2}),
        400,
        start + "it is in the framing format.");
    assertError(
        post(RemoteWriteMessage.compressed(new byte[] {0x0a, 3, 1})),
        400,
        "The request is no WriteRequest: a field of 3 bytes where 1 are left, at byte 1 of the"
            + " uncompressed message.");
    assertThat(server.taken).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zstd | application/x-protobuf | 0.1.0 | Content-Encoding zstd is not supported, snappy is"
            + " expected.",
        "'' | application/x-protobuf | 0.1.0 | Content-Encoding none is not supported, snappy is"
            + " expected.",
        "snappy | application/json | 0.1.0 | Unsupported content type application/json,"
            + " application/x-protobuf is expected.",
        "snappy | application/x-protobuf;proto=io.prometheus.write.v2.Request | 2.0.0 | Unsupported"
            + " message io.prometheus.write.v2.Request, prometheus.WriteRequest is expected.",
        "snappy | application/x-protobuf | 2.0.0 | Remote write 2.0.0 is not supported, 0.1.0"
            + " (remote write 1.0) is.",
      })
  void whatIsNotRemoteWrite1IsAnsweredWith415(
      String encoding, String type, String version, String message) throws Exception {
    assertError(post(up(), encoding, type, version), 415, message);
    assertThat(server.taken).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "snappy, application/x-protobuf, ''",
    "Snappy, application/x-protobuf;proto=prometheus.WriteRequest, 1.0.0"
  })
  void whatIsRemoteWrite1IsTaken(String encoding, String type, String version) throws Exception {
    assertThat(post(up(), encoding, type, version).statusCode()).isEqualTo(204);
  }

  @Test
  void onlyPostsAreTaken() throws Exception {
    assertError(server.get(PATH), 405, "Method Not Allowed, only POST.");
  }

  @Test
  void aCallerIsKeptToItsProject() throws Exception {
    HttpResponse<String> response =
        server.send(
            request("snappy", "application/x-protobuf", "0.1.0")
                .header("X-Project-Id", "p1")
                .POST(
                    BodyPublishers.ofByteArray(
                        new RemoteWriteMessage()
                            .series(T, 1, "__name__", "up")
                            .series(T, 1, "__name__", "up", "project_id", "p2")
                            .compressed()))
                .build());
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("timeseries[1]: can not post samples to other projects");
    assertThat(server.taken.size()).isEqualTo(1);
    assertThat(server.taken.series(0).projectId()).isEqualTo("p1");
  }

  /** Whatever comes is answered with 204 or 4xx, and quickly: a request has a deadline. */
  @Test
  void noBytesMakeItFail() throws Exception {
    Random random = Seed.random();
    byte[] valid =
        new RemoteWriteMessage()
            .series(T, 1.5, "__name__", "up_total", "instance", "a:1", "job", "j")
            .series(labels("__name__", "b", "é", "ü").sample(T, 2).sample(T + 1, 3).bytes(4, up()))
            .bytes(3, new RemoteWriteMessage().varint(1, 1).text(2, "up").toBytes())
            .series(T, 4, "__name__", "up_total", "instance", "a:1", "job", "j")
            .toBytes();
    int[] taken = new int[2];
    for (int i = 0; i < 3_000; i++) {
      boolean isInside = random.nextBoolean();
      byte[] body =
          isInside
              ? RemoteWriteMessage.compressed(mutated(valid, random))
              : mutated(RemoteWriteMessage.compressed(valid), random);
      HttpResponse<String> response = post(body);
      assertThat(response.statusCode()).as(response.body()).isIn(204, 400, 413);
      taken[response.statusCode() == 204 ? 0 : 1]++;
    }
    assertThat(taken[0]).as("taken").isPositive();
    assertThat(taken[1]).as("refused").isPositive();
  }

  private static byte[] mutated(byte[] bytes, Random random) {
    byte[] mutated = bytes.clone();
    for (int n = random.nextInt(4); n >= 0; n--) {
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(5)) {
        case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutated[at] = (byte) random.nextInt();
        case 2 -> mutated[at] = (byte) 0xff;
        case 3 -> mutated = Arrays.copyOf(mutated, at + 1);
        default -> {
          int from = random.nextInt(mutated.length);
          int length = random.nextInt(mutated.length - Math.max(at, from));
          System.arraycopy(mutated.clone(), from, mutated, at, length);
        }
      }
    }
    return mutated;
  }

  private static void assertCounts(
      HttpResponse<String> response, int accepted, int duplicate, int refused, int skipped) {
    assertThat(response.headers().firstValue("Sonde-Accepted")).contains("" + accepted);
    assertThat(response.headers().firstValue("Sonde-Duplicate")).contains("" + duplicate);
    assertThat(response.headers().firstValue("Sonde-Refused")).contains("" + refused);
    assertThat(response.headers().firstValue("Sonde-Skipped")).contains("" + skipped);
  }

  private static byte[] up() {
    return new RemoteWriteMessage().series(T, 1, "__name__", "up").compressed();
  }

  private static HttpResponse<String> post(byte[] body) throws Exception {
    return post(body, "snappy", "application/x-protobuf", "0.1.0");
  }

  private static HttpResponse<String> post(
      byte[] body, String encoding, String type, String version) throws Exception {
    return server.send(
        request(encoding, type, version).POST(BodyPublishers.ofByteArray(body)).build());
  }

  private static HttpRequest.Builder request(String encoding, String type, String version) {
    HttpRequest.Builder request = server.request(PATH).header("Content-Type", type);
    if (!encoding.isEmpty()) {
      request.header("Content-Encoding", encoding);
    }
    if (!version.isEmpty()) {
      request.header("X-Prometheus-Remote-Write-Version", version);
    }
    return request;
  }
}
