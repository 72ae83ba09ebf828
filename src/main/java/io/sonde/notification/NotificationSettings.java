package io.sonde.notification;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import java.time.Duration;

/**
 * Bounds of the intake. Keys under {@code sonde.notification}.
 *
 * @param maxInFlightSamples samples that may be on their way on one node
 * @param maxFuture how far ahead of the clock a sample's time may be
 */
public record NotificationSettings(int maxInFlightSamples, Duration maxFuture) {
  /** Reads what stands at {@code sonde.notification}. */
  public static NotificationSettings from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, "sonde.notification").allow("max-in-flight-samples", "max-future");
    return new NotificationSettings(
        section.integer("max-in-flight-samples", 1, Integer.MAX_VALUE),
        section.duration("max-future", Duration.ZERO, Duration.ofDays(36_500)));
  }
}
