package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpSettingsTest {
  private static final Config DEFAULTS = ConfigFactory.parseResources("application.conf");

  @Test
  void readsTheDefaults() {
    assertThat(HttpSettings.from(DEFAULTS.getConfig("sonde.http")))
        .isEqualTo(
            new HttpSettings(
                "127.0.0.1",
                8777,
                1024,
                64L << 20,
                96L << 20,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                100,
                false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port | 99999 | sonde.http.port: \"99999\" is not a whole number from 0 to 65535",
        "port | many | sonde.http.port: \"many\" is not a whole number from 0 to 65535",
        "port | null | sonde.http.port: missing, expected a whole number from 0 to 65535",
        "host | [] | sonde.http.host: \"[]\" is not a text",
        "max-body | 2GiB | sonde.http.max-body: \"2GiB\" is not a size from 1024 to 1073741824 bytes,"
            + " such as 64MiB",
        "request-timeout | 0s | sonde.http.request-timeout: \"0s\" is not a duration from 1ms to 3600s,"
            + " such as 30s",
        "default-limit | 0 | sonde.http.default-limit: \"0\" is not a whole number from 1 to 2147483647",
      })
  void namesWhatIsWrong(String key, String value, String message) {
    Config config =
        ConfigFactory.parseString("sonde.http." + key + " = " + value).withFallback(DEFAULTS);

    assertThatThrownBy(() -> HttpSettings.from(config.getConfig("sonde.http")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
  }
}
