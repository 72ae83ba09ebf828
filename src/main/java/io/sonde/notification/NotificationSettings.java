package io.sonde.notification;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Bounds of the intake, and where it listens. Keys under {@code sonde.notification}.
 *
 * @param maxInFlightSamples samples that may be on their way on one node
 * @param maxFuture how far ahead of the clock a sample's time may be
 * @param patience how long a notification may fail, while the database is there, before it is given
 *     up
 * @param deadKeep how long notifications are kept that nothing could be made of
 * @param listeners the brokers that are listened to
 */
public record NotificationSettings(
    int maxInFlightSamples,
    Duration maxFuture,
    Duration patience,
    Duration deadKeep,
    List<ListenerSettings> listeners) {
  private static final Duration LONGEST = Duration.ofDays(36_500);

  public NotificationSettings {
    listeners = List.copyOf(listeners);
  }

  /** Reads what stands at {@code sonde.notification}. */
  public static NotificationSettings from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, "sonde.notification")
            .allow(
                "max-in-flight-samples",
                "max-future",
                "patience",
                "dead-keep",
                "listeners",
                "exchanges",
                "topics",
                "priorities",
                "prefetch");
    List<ListenerSettings> listeners = new ArrayList<>();
    for (ConfigSection listener : section.sections("listeners", "a list of listeners")) {
      listeners.add(ListenerSettings.of(listener, section));
    }
    return new NotificationSettings(
        section.integer("max-in-flight-samples", 1, Integer.MAX_VALUE),
        section.duration("max-future", Duration.ZERO, LONGEST),
        section.duration("patience", Duration.ZERO, LONGEST),
        section.duration("dead-keep", Duration.ofHours(1), LONGEST),
        listeners);
  }
}
