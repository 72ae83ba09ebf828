package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import java.net.URI;
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
    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.maxBody()).isEqualTo(16 << 20);
    assertThat(settings.sources())
        .containsExactly(
            new PollingSource(
                "host", "local-host", Duration.ofSeconds(10), List.of("*"), List.of()),
            new PollingSource(
                "self", "local-metrics", Duration.ofSeconds(10), List.of("*"), List.of()));
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
                        + " discovery = prometheus, interval = 1m,"
                        + " targets = [\"http://a:9100/metrics\"], meters = [\"!go_*\"] }]")
                .sources())
        .containsExactly(
            new PollingSource(
                "x",
                "prometheus",
                Duration.ofMinutes(1),
                List.of("!go_*"),
                List.of(URI.create("http://a:9100/metrics"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "timeout = 0s | timeout: \"0s\" is not a duration from 1ms to",
        "timeout = soon | timeout: \"soon\" is not a duration from 1ms to",
        "max-body = 2 GiB | max-body: \"2 GiB\" is not a size from 1 to",
        "time-out = 1s | time-out: \"time-out\" is not one of the keys",
        "host = [a] | host: \"[\"a\"]\" is not a text",
        "sources = all | sources: \"all\" is not a list of sources",
        "sources = [all] | sources[0]: \"all\" is not an object",
        "sources = [{}] | sources[0].name: missing, expected a name",
        "sources = [{ name = a/b }] | sources[0].name: \"a/b\" is not a name without a slash",
        "sources = [{ name = a }] | sources[0].discovery: missing, expected one of local-host, ",
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
        "sources = [{ name = a, discovery = local-host, interval = 3s, targets = [b] }] |"
            + " sources[0].targets: \"[\"b\"]\" is not known to the discovery local-host",
        "sources = [{ name = a, discovery = prometheus, interval = 3s }] |"
            + " sources[0].targets: missing, expected a list of at least one URL",
        "sources = [{ name = a, discovery = prometheus, interval = 3s, targets = [] }] |"
            + " sources[0].targets: \"[]\" is not a list of at least one URL",
        "sources = [{ name = a, discovery = prometheus, interval = 3s, targets = [\"ftp://b\"] }] |"
            + " sources[0].targets[0]: \"ftp://b\" is not an http or https URL",
        "sources = [{ name = a, discovery = prometheus, interval = 3s,"
            + " targets = [\"http://u:p@b/metrics\"] }] |"
            + " sources[0].targets[0]: \"http://u:p@b/metrics\" is not an http or https URL without",
        "sources = [{ name = a, discovery = prometheus, interval = 3s,"
            + " targets = [\"http://b/\", \"http://b/\"] }] |"
            + " sources[0].targets[1]: \"http://b/\" is not a target that was not listed",
        "sources = [{ name = a, discovery = local-host, interval = 3s },"
            + " { name = a, discovery = local-host, interval = 3s }] |"
            + " sources[1].name: \"a\" is not a name that no source before it has",
      })
  void errorsNamePathAndValue(String hocon, String message) {
    assertThatThrownBy(() -> settings("sonde.polling { " + hocon + " }"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.polling." + message);
  }

  private static PollingSettings settings(String hocon) {
    Config config =
        ConfigFactory.parseString(hocon)
            .withFallback(ConfigFactory.parseResources("application.conf").withOnlyPath("sonde"))
            .resolve();
    return PollingSettings.from(config.getConfig("sonde.polling"));
  }
}
