package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import org.junit.jupiter.api.Test;

class PublishSettingsTest {
  @Test
  void readsTheDefaults() {
    PublishSettings settings =
        PublishSettings.from(ConfigFactory.load().getConfig("sonde.publish"));
    assertThat(settings).isEqualTo(new PublishSettings("change this for valid signing"));
    assertThat(settings.toString()).doesNotContain("signing");
  }

  @Test
  void readsWhatIsGiven() {
    assertThat(read("telemetry-secret=x")).isEqualTo(new PublishSettings("x"));
    assertThat(read("telemetry-secret=\"\"").telemetrySecret()).isEmpty();
    assertThatThrownBy(() -> read("telemetry-secrt=x"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("telemetry-secrt");
  }

  private static PublishSettings read(String text) {
    return PublishSettings.from(ConfigFactory.parseString(text));
  }
}
