package io.sonde.store;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/**
 * How long events are kept: what {@code sonde.events} says. Whole calendar days (UTC) are dropped.
 */
public final class EventRetention {
  /** No event is too old. */
  public static final long FOR_EVER = Long.MIN_VALUE;

  /** How often events are looked for that are too old. */
  public static final Duration INTERVAL = Duration.ofHours(1);

  private final Duration keep;
  private final Clock clock;

  private EventRetention(Duration keep, Clock clock) {
    this.keep = keep;
    this.clock = clock;
  }

  /** Reads the object {@code sonde.events}. */
  public static EventRetention from(Config sonde, Clock clock) {
    ConfigSection section = ConfigSection.of(sonde, "sonde").section("events").allow("keep");
    return new EventRetention(
        section.has("keep")
            ? section.duration("keep", Duration.ofDays(1), Duration.ofDays(36_500))
            : null,
        clock);
  }

  /** The earliest moment that is kept now, microseconds; {@link #FOR_EVER} where all are. */
  public long cutoff() {
    return keep == null
        ? FOR_EVER
        : TimeUnit.MILLISECONDS.toMicros(
            clock.instant().minus(keep).truncatedTo(ChronoUnit.DAYS).toEpochMilli());
  }
}
