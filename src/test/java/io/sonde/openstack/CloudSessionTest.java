package io.sonde.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.openstack.TestCloud.Reply;
import io.sonde.polling.PollException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CloudSessionTest {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private TestCloud cloud;
  private CloudSession session;

  @BeforeEach
  void start() throws IOException {
    cloud = new TestCloud();
    cloud
        .endpoint("compute", "north", "public", "/north/")
        .endpoint("compute", "south", "public", "/south")
        .endpoint("compute", "south", "internal", "/inside")
        .endpoint("volumev3", "south", "public", "/volume/v3")
        .endpoint("volumev2", "south", "public", "/volume/v2");
    cloud.serve("/a", request -> Reply.ok("{\"a\": 1}"));
    session = session("");
  }

  @AfterEach
  void stop() {
    cloud.close();
  }

  @Test
  void asksWithOneTokenForAll() {
    assertThat(get("/a").json().path("a").asInt()).isEqualTo(1);
    assertThat(get("/a").status()).isEqualTo(200);
    assertThat(cloud.tokens).hasValue(1);
  }

  @Test
  void concurrentCallersShareOneRequestForAToken() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    cloud.keystone =
        request -> {
          asked.countDown();
          go.await();
          return cloud.token(request);
        };
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(session.get(url("/a"), Map.of(), DEADLINE).toCompletableFuture());
    }
    asked.await();
    go.countDown();
    answers.forEach(answer -> assertThat(answer.join().status()).isEqualTo(200));
    assertThat(cloud.requests("/identity/v3/auth/tokens")).hasSize(1);
  }

  @Test
  void aTokenIsRenewedBeforeItEnds() {
    get("/a");
    cloud.pass(3539);
    get("/a");
    assertThat(cloud.tokens).hasValue(1);
    cloud.pass(1);
    get("/a");
    assertThat(cloud.tokens).hasValue(2);
    assertThat(cloud.requests("/a"))
        .extracting(request -> request.header("X-Auth-Token"))
        .containsExactly("t0ken-1", "t0ken-1", "t0ken-2");
  }

  @Test
  void aRefusedTokenIsRenewedOnce() {
    get("/a");
    cloud.refuseTokens();
    cloud.pass(10);
    assertThat(get("/a").status()).isEqualTo(200);
    assertThat(cloud.tokens).hasValue(2);
  }

  @Test
  void aServiceThatRefusesAllTokensDoesNotWearKeystoneOut() {
    cloud.serve("/b", request -> Reply.of(401));
    for (int i = 0; i < 5; i++) {
      assertThat(get("/b").status()).isEqualTo(401);
    }
    assertThat(cloud.tokens).hasValue(1);
    cloud.pass(10);
    assertThat(get("/b").status()).isEqualTo(401);
    assertThat(get("/b").status()).isEqualTo(401);
    assertThat(cloud.tokens).hasValue(2);
  }

  @Test
  void aFailingKeystoneIsLeftAloneForAWhile() {
    AtomicInteger asked = new AtomicInteger();
    cloud.keystone =
        request -> {
          asked.incrementAndGet();
          return Reply.of(503);
        };
    String expected = "POST " + cloud.url() + "/identity/v3/auth/tokens: answered with status 503";
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> get("/a")).hasRootCauseMessage(expected);
    }
    assertThat(asked).hasValue(1);
    cloud.keystone = cloud::token;
    cloud.pass(5);
    assertThat(get("/a").status()).isEqualTo(200);
  }

  @Test
  void aConnectionThatEndsIsMadeAnew() throws Exception {
    String body =
        "{\"token\": {\"issued_at\": \"2026-01-01T00:00:00Z\","
            + " \"expires_at\": \"2026-01-01T01:00:00Z\", \"catalog\": []}}";
    String answer =
        "HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(body.length(), body);
    try (ServerSocket keystone = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Socket> answered =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  keystone.accept().close();
                  Socket second = keystone.accept();
                  second.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                  return second;
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      String url = "auth-url = \"http://127.0.0.1:%d\"".formatted(keystone.getLocalPort());
      assertThat(join(session(url).endpoints("compute"))).isEmpty();
      answered.join().close();
    }
  }

  @Test
  void whoeverWaitsForKeystoneWaitsNoLongerThanHeWants() {
    cloud.keystone = request -> cloud.hang();
    assertThatThrownBy(() -> join(session.get(url("/a"), Map.of(), Duration.ofMillis(200))))
        .hasRootCauseInstanceOf(PollException.class)
        .hasRootCauseMessage(cloud.url() + "/identity/v3: no token within 200 ms");
  }

  @Test
  void aSlowServiceIsNotWaitedFor() {
    cloud.serve("/slow", request -> cloud.hang());
    assertThatThrownBy(() -> join(session.get(url("/slow?a=b"), Map.of(), Duration.ofMillis(500))))
        .hasRootCauseMessage("GET " + cloud.url() + "/slow: no answer within 500 ms");
  }

  @Test
  void aLargeAnswerIsRefused() {
    cloud.serve("/large", request -> Reply.ok(" ".repeat(100_001)));
    assertThatThrownBy(() -> get("/large"))
        .hasRootCauseMessage(
            "GET " + cloud.url() + "/large: the answer is larger than 100000 bytes");
  }

  @Test
  void theCallerIsGivenOtherStatusesAndHeaders() {
    cloud.serve("/b", request -> new Reply(503, "wait", Map.of("Retry-After", "7")));
    Answer answer = get("/b");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("retry-after")).contains("7");
    assertThatThrownBy(answer::json)
        .hasMessage("GET " + cloud.url() + "/b: answered with status 503");
    assertThat(get("/none").status()).isEqualTo(404);
  }

  @Test
  void aRedirectIsNotFollowed() {
    cloud.serve("/b", request -> new Reply(302, "", Map.of("Location", cloud.url() + "/a")));
    assertThat(get("/b").status()).isEqualTo(302);
    assertThat(cloud.requests("/a")).isEmpty();
  }

  @Test
  void sendsHeadersAndHead() {
    cloud.serve("/b", request -> new Reply(204, "", Map.of("X-Count", request.header("X-Asked"))));
    Answer answer = join(session.head(url("/b"), Map.of("X-Asked", "3"), DEADLINE));
    assertThat(answer.header("X-Count")).contains("3");
    assertThat(cloud.requests("/b").get(0).method()).isEqualTo("HEAD");
  }

  @Test
  void takesEndpointsOfItsRegionAndInterface() {
    assertThat(join(session.endpoints("compute"))).containsExactly(url("/north/"), url("/south"));
    assertThat(join(session("region = south").endpoints("compute"))).containsExactly(url("/south"));
    assertThat(join(session("interface = internal").endpoints("compute")))
        .containsExactly(url("/inside"));
    assertThat(join(session("region = west").endpoints("compute"))).isEmpty();
  }

  @Test
  void servicesGoByOtherNames() {
    assertThat(join(session.endpoints("block-storage"))).containsExactly(url("/volume/v3"));
    assertThat(join(session.endpoints("volumev2"))).containsExactly(url("/volume/v2"));
    assertThat(join(session.endpoints("object-store"))).isEmpty();
  }

  @Test
  void anApplicationCredentialNeedsNoProject() {
    cloud.keystone =
        request -> {
          String body = echo(request);
          return body.equals(
                  "{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],"
                      + "\"application_credential\":{\"id\":\"i1\",\"secret\":\"s3cret\"}}}}")
              ? cloud.grant()
              : Reply.of(401);
        };
    CloudSettings settings =
        CloudSettings.from(
            ConfigSection.of(
                ConfigFactory.parseString(
                    "auth-url = \"%s/identity/v3/\", auth-type = application-credential, "
                            .formatted(cloud.url())
                        + "application-credential-id = i1, application-credential-secret = s3cret"),
                "cloud"));
    session = new CloudSession(settings, cloud.context());
    assertThat(get("/a").status()).isEqualTo(200);
  }

  @Test
  void withoutACloudItSaysWhatToSet() {
    CloudSettings settings =
        CloudSettings.from(
            ConfigSection.of(ConfigFactory.parseString("auth-url = \"\""), "x.cloud"));
    session = new CloudSession(settings, cloud.context());
    assertThatThrownBy(() -> join(session.endpoints("compute")))
        .hasRootCauseMessage("set x.cloud.auth-url: no cloud is configured");
  }

  @Test
  void noFailureTellsASecret() throws Exception {
    List<TestCloud.Service> keystones =
        List.of(
            request -> Reply.of(401),
            request -> new Reply(500, echo(request), Map.of()),
            request -> new Reply(201, echo(request) + " t0ken-1", Map.of()),
            request -> new Reply(201, "\"t0ken-1", Map.of("X-Subject-Token", "t0ken-1")),
            request -> new Reply(201, "{\"token\": {}}", Map.of("X-Subject-Token", "t0ken-1")),
            request -> new Reply(201, cloud.grant().body(), Map.of("X-Subject-Token", "t0ken\t1")),
            request -> new Reply(201, "{\"a\": \"" + "t0ken".repeat(99_999), Map.of()));
    for (TestCloud.Service keystone : keystones) {
      cloud.keystone = keystone;
      assertThatThrownBy(() -> join(session("").get(url("/a"), Map.of(), DEADLINE)))
          .hasRootCauseInstanceOf(PollException.class)
          .satisfies(CloudSessionTest::tellsNoSecret);
    }
    cloud.keystone = cloud::token;
    assertThatThrownBy(() -> join(session.get(url("/a"), Map.of("X-A", "s3cret\n"), DEADLINE)))
        .satisfies(CloudSessionTest::tellsNoSecret);
    cloud.serve("/b", request -> Reply.ok("[" + request.header("X-Auth-Token")));
    assertThatThrownBy(() -> get("/b").json())
        .hasMessage("GET " + cloud.url() + "/b: no JSON at line 1, column 2");
    assertThat(cloud.settings("").toString()).isEqualTo("cloud " + cloud.url() + "/identity/v3");
    assertThat(get("/b").toString()).doesNotContain("s3cret", "t0ken");
  }

  private static void tellsNoSecret(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      assertThat(at.toString()).doesNotContain("s3cret", "t0ken");
    }
  }

  private static String echo(TestCloud.Request request) throws IOException {
    return new String(request.exchange().getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
  }

  private CloudSession session(String more) {
    return new CloudSession(cloud.settings(more), cloud.context());
  }

  private URI url(String path) {
    return URI.create(cloud.url() + path);
  }

  private Answer get(String path) {
    return join(session.get(url(path), Map.of(), DEADLINE));
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}
