package io.sonde.publish;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import java.time.Duration;

/**
 * How long and how much is kept waiting for consumers. Keys under {@code sonde.publish}.
 *
 * @param maxBehindAge what was recorded longer ago is not handed over any more
 * @param maxBehindBytes bytes that may wait for one publisher at one collector; the oldest beyond
 *     them are not handed over
 * @param deadline a hand-over that takes longer is broken off and tried again
 */
public record PublishSettings(Duration maxBehindAge, long maxBehindBytes, Duration deadline) {

  /** Reads what stands at {@code sonde.publish}. */
  public static PublishSettings from(Config config) {
    ConfigSection section = ConfigSection.of(config, "sonde.publish");
    return new PublishSettings(
        section.duration("max-behind-age", Duration.ofSeconds(1), Duration.ofDays(3650)),
        section.bytes("max-behind-bytes", 1, 1L << 50),
        section.duration("deadline", Duration.ofSeconds(1), Duration.ofHours(1)));
  }
}
