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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpServiceDiscoveryTest {
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
        .containsExactly("the target a b is not host:port", "the target u:p@c:1 is not host:port");
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
        .hasMessage("expected http-sd:http://HOST/PATH, not http-sd:");
  }

  private Findings find(String url) {
    Search search = new Search("s", url, NameFilter.of(List.of("*"), ""), Duration.ofSeconds(10));
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
