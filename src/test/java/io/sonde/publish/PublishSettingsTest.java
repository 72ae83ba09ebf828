package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PublishSettingsTest {
  @Test
  void readsTheDefaults() {
    PublishSettings settings =
        PublishSettings.from(ConfigFactory.load().getConfig("sonde.publish"));
    assertThat(settings)
        .isEqualTo(
            new PublishSettings(
                Duration.ofDays(7),
                1L << 30,
                Duration.ofSeconds(60),
                "change this for valid signing"));
    assertThat(settings.toString()).doesNotContain("signing");
  }

  @Test
  void readsWhatIsGiven() {
    assertThat(read("max-behind-age=1h,max-behind-bytes=2MiB,deadline=5s,telemetry-secret=x"))
        .isEqualTo(new PublishSettings(Duration.ofHours(1), 2L << 20, Duration.ofSeconds(5), "x"));
    assertThat(read("telemetry-secret=\"\"").telemetrySecret()).isEmpty();
    assertThatThrownBy(() -> read("telemetry-secrt=x"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("telemetry-secrt");
    assertThatThrownBy(() -> read("deadline=0s"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("sonde.publish.deadline");
  }

  private static PublishSettings read(String text) {
    return PublishSettings.from(
        ConfigFactory.parseString(text)
            .withFallback(ConfigFactory.load().getConfig("sonde.publish")));
  }
}
