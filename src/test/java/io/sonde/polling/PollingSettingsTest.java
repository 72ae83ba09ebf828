package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.exporter.PrometheusPollster;
import io.sonde.host.HostPollster;
import io.sonde.model.ConfigException;
import io.sonde.polling.PollingSource.DiscoveryCall;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollingSettingsTest {

  @Test
  void defaults() {
    PollingSettings settings = settings("");
    assertThat(settings.host()).isNotBlank();
    assertThat(settings.maxBody()).isEqualTo(16 << 20);
    assertThat(settings.maxPerHost()).isEqualTo(256);
    assertThat(settings.maxBackOff()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.sources())
        .containsExactly(source("host", "local-host"), source("self", "local-metrics"));
  }

  @Test
  void noSources() {
    assertThat(settings("sonde.polling.sources = []").sources()).isEmpty();
  }

  @Test
  void exporters() {
    assertThat(
            settings(
                    "sonde.polling.host = web1, sonde.polling.sources = [{ name = x,"
                        + " interval = 1m, timeout = 2s, misses = 5,"
                        + " resources = [\"http://a:9100/metrics\"], meters = [\"!go_*\"] }]")
                .sources())
        .containsExactly(
            new PollingSource(
                "x",
                Duration.ofMinutes(1),
                Duration.ofSeconds(2),
                5,
                List.of("!go_*"),
                List.of(),
                List.of(new PolledTarget("prometheus", "a:9100", null, "http://a:9100/metrics"))));
  }

  @Test
  void discoveriesWithParameters() {
    assertThat(
            settings(
                    "sonde.polling.sources = [{ name = x, interval = 1m,"
                        + " discovery = [local-host, \"local-metrics:a:b\", \"local-metrics://c\"] }]")
                .sources()
                .get(0)
                .discoveries())
        .containsExactly(
            new DiscoveryCall("local-host", ""),
            new DiscoveryCall("local-metrics", "a:b"),
            new DiscoveryCall("local-metrics", "c"));
  }

  @Test
  void whatMayBeSecretInAParameterIsNotShown() {
    String shown = new DiscoveryCall("http-sd", "http://h/sd?token=hunter2").toString();
    assertThat(shown).startsWith("http-sd:http://h/sd?…").doesNotContain("hunter2");
    assertThat(new DiscoveryCall("http-sd", "http://h/sd?token=other").toString())
        .isNotEqualTo(shown);
    assertThatThrownBy(
            () ->
                settings(
                    "sonde.polling.sources = [{ name = a, interval = 3s,"
                        + " discovery = \"http-sd:http://u:hunter2@h/\" }]"))
        .hasMessageContaining("without a password")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sources = [{ name = a, discovery = local-host, interval = 3s, misses = 0 }] |"
            + " sources[0].misses: \"0\" is not a whole number from 1 to",
        "max-per-host = 0 | max-per-host: \"0\" is not a whole number from 1 to",
        "sources = [{ name = a, discovery = local-host, interval = 3s, timeout = 0s }] |"
            + " sources[0].timeout: \"0s\" is not a duration from 1ms to",
        "timeout = 0s, sources = [{ name = a, discovery = local-host, interval = 3s }] |"
            + " timeout: \"0s\" is not a duration from 1ms to",
        "timeout = soon | timeout: \"soon\" is not a duration from 1ms to",
        "max-body = 2 GiB | max-body: \"2 GiB\" is not a size from 1 to",
        "time-out = 1s | time-out: \"time-out\" is not one of the keys",
        "host = [a] | host: \"[\"a\"]\" is not a text",
        "sources = all | sources: \"all\" is not a list of sources",
        "sources = [all] | sources[0]: \"all\" is not an object",
        "sources = [{}] | sources[0].name: missing, expected a name",
        "sources = [{ name = a/b }] | sources[0].name: \"a/b\" is not a name without a slash",
        "sources = [{ name = a }] | sources[0].discovery: missing, expected one of ",
        "sources = [{ name = a, discovery = dns }] | sources[0].discovery: \"dns\" is not one of",
        "sources = [{ name = a, discovery = local-host }] | sources[0].interval: missing, expected",
        "sources = [{ name = a, discovery = local-host, interval = -3s }] |"
            + " sources[0].interval: \"-3s\" is not a duration from 1ms to",
        "sources = [{ name = a, discovery = local-host, interval = 3s, meters = [] }] |"
            + " sources[0].meters: \"[]\" is not a list of at least one",
        "sources = [{ name = a, discovery = local-host, interval = 3s, meters = cpu }] |"
            + " sources[0].meters: \"cpu\" is not a list of patterns",
        "sources = [{ name = a, discovery = local-host, intervall = 3s }] |"
            + " sources[0].intervall: \"intervall\" is not one of the keys",
        "sources = [{ name = a, interval = 3s, resources = [] }] |"
            + " sources[0].discovery: missing, expected one of ",
        "sources = [{ name = a, interval = 3s, resources = \"http://b\" }] |"
            + " sources[0].resources: \"http://b\" is not a list of URLs",
        "sources = [{ name = a, interval = 3s, discovery = [local-host, local-host] }] |"
            + " sources[0].discovery: \"local-host\" is not a discovery that was not listed",
        "sources = [{ name = a, interval = 3s, resources = [\"ftp://b\"] }] |"
            + " sources[0].resources[0]: \"ftp://b\" is not a URL that begins with one of http,",
        "sources = [{ name = a, interval = 3s, resources = [\"http://b c\"] }] |"
            + " sources[0].resources[0]: \"http://b c\" is not a URL that begins with one of http,",
        "sources = [{ name = a, interval = 3s, resources = [\"http://u:p@b/metrics\"] }] |"
            + " sources[0].resources[0]: \"http://***@b/metrics\" is not an http or https URL"
            + " without",
        "sources = [{ name = a, interval = 3s,"
            + " resources = [\"http://b/\", \"http://b/\"] }] |"
            + " sources[0].resources[1]: \"http://b/\" is not a resource that was not listed",
        "pollsters { ftp {} } | pollsters.ftp: \"ftp\" is not one of the keys host, ",
        "pollsters { host { x = 1 } } | pollsters.host.x: \"x\" is not one of the keys",
        "sources = [{ name = a, discovery = local-host, interval = 3s },"
            + " { name = a, discovery = local-host, interval = 3s }] |"
            + " sources[1].name: \"a\" is not a name that no source before it has",
      })
  void errorsNamePathAndValue(String hocon, String message) {
    assertThatThrownBy(() -> settings("sonde.polling { " + hocon + " }"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.polling." + message);
  }

  private static PollingSource source(String name, String discovery) {
    return new PollingSource(
        name,
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        3,
        List.of("*"),
        List.of(new DiscoveryCall(discovery, "")),
        List.of());
  }

  private static PollingSettings settings(String hocon) {
    Config shipped =
        ConfigFactory.parseResources("application.conf")
            .withOnlyPath("sonde")
            .withoutPath("sonde.polling.pollsters");
    Config config = ConfigFactory.parseString(hocon).withFallback(shipped).resolve();
    return PollingSettings.from(
        config.getConfig("sonde.polling"),
        List.of(HostPollster.factory(), PrometheusPollster.factory()));
  }
}
