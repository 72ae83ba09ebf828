package io.sonde.publish;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;

/**
 * What all publishers share. Keys under {@code sonde.publish}.
 *
 * @param telemetrySecret what messages are signed with; empty signs none
 */
public record PublishSettings(String telemetrySecret) {
  /** Reads what stands at {@code sonde.publish}. */
  public static PublishSettings from(Config config) {
    ConfigSection section = ConfigSection.of(config, "sonde.publish").allow("telemetry-secret");
    return new PublishSettings(section.text("telemetry-secret").orElse(""));
  }

  /** Without the secret: settings are logged. */
  @Override
  public String toString() {
    return "PublishSettings[telemetrySecret=***]";
  }
}
