package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamSettingsTest {
  private static final Config DEFAULTS = ConfigFactory.parseResources("application.conf");

  @Test
  void readsTheDefaults() {
    assertThat(read("max-streams = 32"))
        .isEqualTo(new StreamSettings(32, 16L << 20, Duration.ofSeconds(15), List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "https://dash.example.org", "http://[::1]:3000"})
  void takesOrigins(String origin) {
    assertThat(read("allowed-origins = [\"" + origin + "\"]").allowedOrigins())
        .containsExactly(origin);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max-streams = -1 | sonde.stream.max-streams: \"-1\" is not a whole number from 0 to 10000",
        "heartbeat = 2m | sonde.stream.heartbeat: \"2m\" is not a duration from 100ms to 60s, such as"
            + " 30s",
        "allowed-origins = [\"dash.example.org\"] | sonde.stream.allowed-origins[0]:"
            + " \"dash.example.org\" is not an origin, such as \"https://dash.example.org\", or \"*\"",
        "allowed-origins = [\"https://a.org/\"] | sonde.stream.allowed-origins[0]:"
            + " \"https://a.org/\" is not an origin, such as \"https://dash.example.org\", or \"*\"",
      })
  void namesWhatIsWrong(String setting, String message) {
    assertThatThrownBy(() -> read(setting)).isInstanceOf(ConfigException.class).hasMessage(message);
  }

  private static StreamSettings read(String setting) {
    Config config =
        ConfigFactory.parseString("sonde.stream { " + setting + " }").withFallback(DEFAULTS);
    return StreamSettings.from(config.getConfig("sonde.stream"));
  }
}
