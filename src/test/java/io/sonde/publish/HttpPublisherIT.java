package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.model.ConfigException;
import io.sonde.publish.ConsumerServer.Answer;
import io.sonde.publish.ConsumerServer.Request;
import io.sonde.server.Wait;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over HTTP, to a real server. */
@Timeout(60)
class HttpPublisherIT {
  private final ConsumerServer consumer = new ConsumerServer();
  @TempDir Path folder;

  @AfterEach
  void stopConsumer() {
    consumer.close();
  }

  @Test
  void anArrayOfSamplesGoesToWhatIsLeftOfTheUrl() throws IOException {
    String url =
        "http://us%20er:p%40ss@localhost:%d/a/b?batch=True&token=x&timeout=3&verify_ssl=False";
    publisher(url.replace("%d", "" + consumer.port())).publish(OutgoingSamples.range(0, 3));
    assertThat(consumer.requests()).hasSize(1);
    Request request = consumer.requests().get(0);
    assertThat(request.line()).isEqualTo("POST /a/b?token=x");
    assertThat(request.contentType()).isEqualTo("application/json");
    assertThat(request.authorization())
        .isEqualTo(
            "Basic "
                + Base64.getEncoder()
                    .encodeToString("us er:p@ss".getBytes(StandardCharsets.UTF_8)));
    assertThat(numbers(consumer.taken())).containsExactly(0, 1, 2);
    assertThat(keys(consumer.taken().get(0)))
        .containsExactlyInAnyOrder(
            ("id name type unit volume user_id project_id resource_id timestamp resource_metadata"
                    + " source monotonic_time")
                .split(" "));
    assertThat(consumer.taken().get(1).get("id").asText())
        .isEqualTo(OutgoingSamples.outgoing(1).id());
  }

  @Test
  void anObjectEachAndMessagesIfAskedFor() throws IOException {
    publisher("batch=false&format=message").publish(OutgoingSamples.range(0, 3));
    assertThat(consumer.requests()).hasSize(3).allMatch(request -> request.body().isObject());
    assertThat(consumer.taken().get(2).get("counter_volume").asInt()).isEqualTo(2);
    assertThat(consumer.requests().get(0).authorization()).isNull();
    assertThat(consumer.requests().get(0).line()).isEqualTo("POST /in");
  }

  @Test
  void bodiesStayBelowTheirBound() throws IOException {
    publisher("max_body=2000").publish(OutgoingSamples.range(0, 50));
    assertThat(consumer.requests())
        .hasSizeGreaterThan(5)
        .allMatch(request -> request.body().toString().length() <= 2_000);
    assertThat(numbers(consumer.taken())).isEqualTo(IntStream.range(0, 50).boxed().toList());
    consumer.answer(request -> new Answer(request.body().size() > 1 ? 413 : 200, "", null));
    publisher("").publish(OutgoingSamples.range(50, 60));
    assertThat(numbers(consumer.taken())).isEqualTo(IntStream.range(0, 60).boxed().toList());
    publisher("max_body=1").publish(OutgoingSamples.range(60, 62));
    assertThat(numbers(consumer.taken())).hasSize(62);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 401, 403, 404, 408, 429, 500, 503})
  void whatMayPassIsTriedAgainFromWhereItStopped(int status) {
    AtomicInteger calls = new AtomicInteger();
    consumer.answer(
        request -> calls.incrementAndGet() <= 2 ? Answer.OK : new Answer(status, "not now", "7"));
    PublishException failure =
        catchThrowableOfType(
            PublishException.class,
            () -> publisher("batch=0").publish(OutgoingSamples.range(0, 5)));
    assertThat(failure).hasMessage("answered " + status + ": not now");
    assertThat(failure.taken()).isEqualTo(2);
    assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(7));
    assertThat(calls).hasValue(3);
  }

  @Test
  void aTimeToComeAgainMayBeADate() {
    consumer.answer(request -> new Answer(503, "", "Wed, 01 Jan 2200 00:00:00 GMT"));
    PublishException failure =
        catchThrowableOfType(
            PublishException.class, () -> publisher("").publish(OutgoingSamples.range(0, 1)));
    assertThat(failure.retryAfter()).isGreaterThan(Duration.ofDays(10_000));
    consumer.answer(request -> new Answer(503, "", "soon"));
    assertThat(
            catchThrowableOfType(
                    PublishException.class,
                    () -> publisher("").publish(OutgoingSamples.range(0, 1)))
                .retryAfter())
        .isNull();
  }

  @Test
  void onlyTheSamplesToBlameAreLeftOut() throws IOException {
    Set<Integer> bad = Set.of(0, 17, 18, 400, 401, 650, 651, 652, 799);
    consumer.answer(
        request ->
            numbers(request.body()).stream().anyMatch(bad::contains)
                ? new Answer(422, "cannot be", null)
                : Answer.OK);
    HttpPublisher publisher = publisher("");
    publisher.publish(OutgoingSamples.range(0, 800));
    assertThat(numbers(consumer.taken()))
        .isEqualTo(IntStream.range(0, 800).filter(i -> !bad.contains(i)).boxed().toList());
    assertThat(leftOut("", "422")).isEqualTo(bad.size());
  }

  @Test
  void aConsumerThatTakesNothingIsNotAskedForEachSample() throws IOException {
    consumer.answer(request -> new Answer(400, "never", null));
    publisher("max_retries=0").publish(OutgoingSamples.range(0, 1_000));
    assertThat(consumer.requests()).hasSizeLessThan(150);
    assertThat(leftOut("max_retries=0", "400")).isEqualTo(1_000);
  }

  @Test
  void aHalfThatIsTakenIsNotSentAgainWhenTheOtherFails() {
    consumer.answer(
        request -> {
          List<Integer> numbers = numbers(request.body());
          return numbers.contains(9)
              ? numbers.size() == 10 ? new Answer(400, "", null) : new Answer(503, "", null)
              : Answer.OK;
        });
    PublishException failure =
        catchThrowableOfType(
            PublishException.class, () -> publisher("").publish(OutgoingSamples.range(0, 10)));
    assertThat(failure.taken()).isEqualTo(5);
  }

  @Test
  void aConnectionThatBreaksIsOpenedAnewAtOnce() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    consumer.answer(
        request -> {
          if (calls.incrementAndGet() <= 2) {
            throw new IllegalStateException("breaks the connection");
          }
          return Answer.OK;
        });
    publisher("max_retries=2").publish(OutgoingSamples.range(0, 10));
    assertThat(consumer.taken()).hasSize(10);
    calls.set(0);
    assertThatThrownBy(() -> publisher("max_retries=1").publish(OutgoingSamples.range(0, 10)))
        .isInstanceOf(PublishException.class);
    assertThat(calls).hasValue(2);
  }

  /** It takes the connection, or begins to answer, and says no more. */
  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123"})
  void aConsumerThatHangsIsNotWaitedForAnyLonger(String beginning) throws Exception {
    List<Socket> open = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> accepting;
    try (ServerSocket mute = new ServerSocket(0)) {
      accepting = CompletableFuture.runAsync(() -> begin(mute, beginning, open));
      HttpPublisher publisher =
          publisher("http://localhost:" + mute.getLocalPort() + "/?timeout=1");
      long start = System.nanoTime();
      assertThatThrownBy(() -> publisher.publish(OutgoingSamples.range(0, 1)))
          .hasMessageContaining("no answer within 1 s");
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
    }
    accepting.join();
    assertThat(open).isNotEmpty();
    for (Socket socket : open) {
      socket.close();
    }
  }

  private static void begin(ServerSocket mute, String beginning, List<Socket> open) {
    try {
      for (; ; ) {
        Socket socket = mute.accept();
        open.add(socket);
        socket.getOutputStream().write(beginning.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException ignored) {
      // the end of the test
    }
  }

  @Test
  void fewRequestsAreUnderWayToAHost() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    consumer.answer(
        request -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          await(go);
          now.decrementAndGet();
          return Answer.OK;
        });
    ExecutorService threads = Executors.newFixedThreadPool(12);
    List<CompletableFuture<Void>> all = new ArrayList<>();
    HttpPublisher[] publishers = {publisher("timeout=30"), publisher("timeout=31")};
    for (int i = 0; i < 12; i++) {
      HttpPublisher publisher = publishers[i % 2];
      int from = i * 10;
      all.add(
          CompletableFuture.runAsync(
              () -> publish(publisher, OutgoingSamples.range(from, from + 10)), threads));
    }
    Wait.until(Duration.ofSeconds(20), "four under way", () -> now.get() == 4);
    assertThat(Wait.reached(Duration.ofMillis(300), () -> now.get() > 4)).isFalse();
    go.countDown();
    CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get(20, TimeUnit.SECONDS);
    threads.shutdown();
    assertThat(most).hasValue(4);
    assertThat(consumer.taken()).hasSize(120);
  }

  @Test
  void tlsProvesWhoTheConsumerIs() throws Exception {
    TestCertificate server = TestCertificate.create(folder, "server");
    SSLContext context = TlsFiles.context(true, null, server.certificate(), server.key());
    try (ConsumerServer secure = new ConsumerServer(context, false)) {
      String url = "https://localhost:" + secure.port() + "/?max_retries=0&";
      assertThatThrownBy(() -> publisher(url).publish(OutgoingSamples.range(0, 1)))
          .hasMessageContaining("PKIX");
      publisher(url + "verify_ssl=False").publish(OutgoingSamples.range(0, 1));
      publisher(url + "verify_ssl=" + server.certificate()).publish(OutgoingSamples.range(1, 2));
      // The certificate is of localhost.
      String other = url.replace("localhost", "127.0.0.1");
      assertThatThrownBy(
              () ->
                  publisher(other + "verify_ssl=" + server.certificate())
                      .publish(OutgoingSamples.range(2, 3)))
          .isInstanceOf(PublishException.class);
      publisher(other + "verify_ssl=no").publish(OutgoingSamples.range(2, 3));
      assertThat(numbers(secure.taken())).containsExactly(0, 1, 2);
    }
  }

  @Test
  void tlsProvesWhoWeAre() throws Exception {
    TestCertificate server = TestCertificate.create(folder, "server");
    TestCertificate client = TestCertificate.create(folder, "client");
    Path both = folder.resolve("both.pem");
    Files.writeString(
        both, Files.readString(client.certificate()) + Files.readString(client.key()));
    SSLContext context =
        TlsFiles.context(true, client.certificate(), server.certificate(), server.key());
    try (ConsumerServer secure = new ConsumerServer(context, true)) {
      String url =
          "https://localhost:%d/?max_retries=0&verify_ssl=%s&"
              .formatted(secure.port(), server.certificate());
      assertThatThrownBy(() -> publisher(url).publish(OutgoingSamples.range(0, 1)))
          .isInstanceOf(PublishException.class);
      publisher(url + "clientcert=" + client.certificate() + "&clientkey=" + client.key())
          .publish(OutgoingSamples.range(0, 1));
      publisher(url + "clientcert=" + both).publish(OutgoingSamples.range(1, 2));
      assertThat(numbers(secure.taken())).containsExactly(0, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://",
        "http:///path",
        "http://h:x/",
        "http://h/?timeout=0",
        "http://h/?max_retries=-1",
        "http://h/?batch=perhaps",
        "http://h/?format=xml",
        "http://h/a b",
        "https://h/?verify_ssl=maybe",
        "https://h/?verify_ssl=/no/such/file",
        "https://h/?clientcert=/no/such/file"
      })
  void urlsThatCannotBeAreRefused(String url) {
    assertThatThrownBy(() -> publisher(url))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("publishers[0]: \"" + url);
  }

  /** By its options or its whole URL. */
  private HttpPublisher publisher(String text) {
    return new HttpPublisher(url(text));
  }

  private PublisherUrl url(String text) {
    return PublisherUrl.of(
        text.contains("://") ? text : "http://localhost:" + consumer.port() + "/in?" + text,
        "publishers[0]");
  }

  private double leftOut(String options, String reason) {
    return LeftOut.SAMPLES.labelValues(url(options).shown(), reason).get();
  }

  private static void publish(HttpPublisher publisher, List<Publisher.Outgoing> samples) {
    try {
      publisher.publish(samples);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<Integer> numbers(Iterable<JsonNode> samples) {
    List<Integer> numbers = new ArrayList<>();
    samples.forEach(sample -> numbers.add(sample.get("volume").asInt()));
    return numbers;
  }

  private static Set<String> keys(JsonNode object) {
    Set<String> keys = new TreeSet<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }
}
