package io.sonde.exporter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.Search;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServiceDiscoveryTest {
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;
  private Discovery discovery;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    Pollster pollster =
        PrometheusPollster.factory().create(ConfigSection.of(ConfigFactory.empty(), "prometheus"));
    pollster.start(
        new PollingContext("h", "http://h/", 4000, Runnable::run, Clock.systemUTC(), n -> {}));
    discovery =
        pollster.discoveries().stream()
            .filter(one -> one.name().equals("http-sd"))
            .findFirst()
            .orElseThrow();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
  }

  @Test
  void findsTheTargetsOfAllGroups() {
    answer(
        200,
        """
        [{"targets": ["10.0.0.1:9100", "10.0.0.2:9100"], "labels": {"dc": "a", "__meta_x": "y"}},
         {"targets": ["[::1]:80"], "labels": {"__scheme__": "https", "__metrics_path__": "/m"}},
         {"targets": []}]
        """);
    Findings findings = find(url());
    assertThat(findings.isComplete()).isTrue();
    List<PolledTarget> targets = findings.found().stream().map(Found::target).toList();
    assertThat(targets)
        .extracting(PolledTarget::resourceId)
        .containsExactly("10.0.0.1:9100", "10.0.0.2:9100", "https://[::1]:80/m");
    assertThat(PrometheusTargets.url(targets.get(0))).hasToString("http://10.0.0.1:9100/metrics");
    assertThat(PrometheusTargets.metadata(targets.get(0)).json())
        .isEqualTo("{\"dc\":\"a\",\"url\":\"http://10.0.0.1:9100/metrics\"}");
    assertThat(PrometheusTargets.metadata(targets.get(2)).json())
        .isEqualTo("{\"url\":\"https://[::1]:80/m\"}");
  }

  @Test
  void anOddTargetIsSaidAndTheOthersStay() {
    answer(200, "[{\"targets\": [\"a b\", \"u:p@c:1\", \"d:1\"]}]");
    Findings findings = find(url());
    assertThat(findings.found()).hasSize(1);
    assertThat(findings.isComplete()).isFalse();
    assertThat(findings.remarks())
        .containsExactly("the target a b is not host:port", "the target …@c:1 is not host:port");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"500 | [] | status 500", "200 | {} | no list of groups", "200 | [ | no JSON"})
  void otherAnswersAreFailures(int status, String body, String why) {
    answer(status, body);
    assertThatThrownBy(() -> find(url()))
        .rootCause()
        .isInstanceOf(PollException.class)
        .hasMessageContaining(why);
  }

  @Test
  void aParameterThatIsNoUrlIsAFailure() {
    assertThatThrownBy(() -> find(""))
        .hasMessage("expected http-sd:http://HOST/PATH without user and password, not http-sd:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://u:secret@h/sd", "http://u:secret@h_h/sd", "http://u:secret @h/", "u@h"})
  void aUserIsRefusedAndNotShown(String parameter) {
    assertThatThrownBy(() -> find(parameter))
        .isInstanceOf(PollException.class)
        .hasMessage("expected http-sd:http://HOST/PATH without user and password");
  }

  @Test
  void aListThatTricklesInIsGivenUpWithItsConnection() throws InterruptedException {
    CountDownLatch isClosed = new CountDownLatch(1);
    server.createContext(
        "/sd",
        exchange -> {
          try {
            exchange.sendResponseHeaders(200, 0);
            while (!over.await(10, TimeUnit.MILLISECONDS)) {
              exchange.getResponseBody().write(' ');
              exchange.getResponseBody().flush();
            }
          } catch (IOException e) {
            isClosed.countDown();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertThatThrownBy(() -> find(url(), Duration.ofMillis(500)))
        .hasRootCauseInstanceOf(PollException.class)
        .hasRootCauseMessage("no answer within 500 ms");
    assertThat(isClosed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private Findings find(String url) {
    return find(url, Duration.ofSeconds(10));
  }

  private Findings find(String url, Duration deadline) {
    Search search = new Search("s", url, NameFilter.of(List.of("*"), ""), deadline);
    return discovery.find(search).toCompletableFuture().join();
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/sd";
  }

  private void answer(int status, String body) {
    server.createContext(
        "/sd",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }
}
