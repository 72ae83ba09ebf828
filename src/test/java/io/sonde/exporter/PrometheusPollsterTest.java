package io.sonde.exporter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PrometheusPollsterTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final AtomicInteger skipped = new AtomicInteger();
  private final Pollster pollster =
      PrometheusPollster.factory().create(ConfigSection.of(ConfigFactory.empty(), "prometheus"));
  private final CountDownLatch over = new CountDownLatch(1);
  private ExecutorService threads;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    pollster.start(
        new PollingContext("host", "http://h/", 2000, Runnable::run, NOON, skipped::addAndGet));
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void readsAnExporter() {
    answer(200, "# TYPE a_bytes_total counter\na_bytes_total{b=\"c\"} 5\nd NaN\ne 1 7\n");
    List<Sample> samples = poll(DEADLINE).samples();
    assertThat(samples).hasSize(2);
    Sample first = samples.get(0);
    assertThat(first.series())
        .isEqualTo(
            new Series(
                "prometheus",
                "a_bytes_total",
                MeterType.CUMULATIVE,
                "B",
                "127.0.0.1:" + server.getAddress().getPort(),
                null,
                null,
                Series.dimensions(Map.of("b", "c"))));
    assertThat(first.timestamp()).isEqualTo(Instant.now(NOON).toEpochMilli() * 1000);
    assertThat(first.key()).isEqualTo(SampleKey.NONE);
    assertThat(first.metadata().json()).isEqualTo("{\"url\":\"" + url() + "\"}");
    assertThat(samples.get(1).timestamp()).isEqualTo(7000);
    assertThat(skipped).hasValue(1);
  }

  @Test
  void readsUpToTheLargestBody() {
    answer(200, "a 1\n" + "#".repeat(1996));
    assertThat(poll(DEADLINE).size()).isEqualTo(1);
  }

  @Test
  void refusesALargerBody() {
    answer(200, "a 1\n" + "#".repeat(1997));
    assertThatThrownBy(() -> poll(DEADLINE))
        .hasRootCauseMessage("the answer is larger than 2000 bytes");
  }

  @Test
  void refusesAnyOtherStatus() {
    answer(500, "a 1\n");
    assertThatThrownBy(() -> poll(DEADLINE)).hasRootCauseMessage("answered with status 500");
  }

  @Test
  void refusesARedirect() {
    server.createContext(
        "/metrics",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "http://169.254.169.254/");
          send(exchange, 302, "");
        });
    assertThatThrownBy(() -> poll(DEADLINE)).hasRootCauseMessage("answered with status 302");
  }

  @Test
  void namesTheMalformedLine() {
    answer(200, "a 1\nb two\n");
    assertThatThrownBy(() -> poll(DEADLINE))
        .hasRootCauseMessage("line 2 of the exposition: a number expected, not \"two\"");
  }

  @Test
  void doesNotWaitForAnAnswerThatIsSlowToBegin() {
    server.createContext("/metrics", this::hang);
    assertThatThrownBy(() -> poll(Duration.ofMillis(200)))
        .rootCause()
        .isInstanceOf(PollException.class);
  }

  @Test
  void doesNotWaitForABodyThatTricklesIn() {
    server.createContext(
        "/metrics",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("a 1\n".getBytes(StandardCharsets.UTF_8));
          exchange.getResponseBody().flush();
          hang(exchange);
        });
    assertThatThrownBy(() -> poll(Duration.ofMillis(500)))
        .hasRootCauseMessage("no answer within 500 ms");
  }

  @Test
  void aDeadTargetIsAFailure() {
    server.stop(0);
    assertThatThrownBy(() -> poll(DEADLINE)).rootCause().isInstanceOf(PollException.class);
  }

  @Test
  void namesResourcesAsPrometheusNamesInstances() {
    assertThat(PrometheusTargets.resourceId(URI.create("http://web1:9100/metrics")))
        .isEqualTo("web1:9100");
    assertThat(PrometheusTargets.resourceId(URI.create("https://web1/metrics")))
        .isEqualTo("web1:443");
    assertThat(PrometheusTargets.resourceId(URI.create("http://web1:9100/probe?target=x")))
        .isEqualTo("http://web1:9100/probe?target=x");
  }

  @Test
  void metricsOnTheLoopbackAddressAreReadOnTheirHost() {
    assertThat(own("http://127.0.0.1:8777/metrics"))
        .isEqualTo(
            new PolledTarget("prometheus", "web1:8777", "web1", "http://127.0.0.1:8777/metrics"));
    assertThat(own("http://192.0.2.7:8777/metrics").host()).isNull();
  }

  private static PolledTarget own(String url) {
    return PrometheusTargets.own("web1", url);
  }

  private void hang(HttpExchange exchange) {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.close();
  }

  private void answer(int status, String body) {
    server.createContext("/metrics", exchange -> send(exchange, status, body));
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/metrics";
  }

  private SampleBatch poll(Duration deadline) {
    PolledTarget target =
        new PolledTarget(
            PrometheusPollster.NAME, PrometheusTargets.resourceId(URI.create(url())), null, url());
    return pollster.poll(target, deadline).toCompletableFuture().join();
  }
}
