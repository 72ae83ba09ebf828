package io.sonde.publish;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import java.time.Duration;

/**
 * What all publishers share. Keys under {@code sonde.publish}.
 *
 * @param maxBehindAge what was recorded longer ago is not handed over any more
 * @param maxBehindBytes bytes that may wait for one publisher at one collector; the oldest beyond
 *     them are not handed over
 * @param deadline a hand-over that takes longer is broken off and tried again
 * @param telemetrySecret what messages are signed with; empty signs none
 */
public record PublishSettings(
    Duration maxBehindAge, long maxBehindBytes, Duration deadline, String telemetrySecret) {

  /** Reads what stands at {@code sonde.publish}. */
  public static PublishSettings from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, "sonde.publish")
            .allow("max-behind-age", "max-behind-bytes", "deadline", "telemetry-secret");
    return new PublishSettings(
        section.duration("max-behind-age", Duration.ofSeconds(1), Duration.ofDays(3650)),
        section.bytes("max-behind-bytes", 1, 1L << 50),
        section.duration("deadline", Duration.ofSeconds(1), Duration.ofHours(1)),
        section.text("telemetry-secret").orElse(""));
  }

  /** Without the secret: settings are logged. */
  @Override
  public String toString() {
    return "PublishSettings[maxBehindAge="
        + maxBehindAge
        + ", maxBehindBytes="
        + maxBehindBytes
        + ", deadline="
        + deadline
        + ", telemetrySecret=***]";
  }
}
