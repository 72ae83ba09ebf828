package io.sonde.collector;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import io.sonde.series.SeriesDay;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * How long the samples of each meter are kept: the first rule that matches a meter decides, and
 * what none matches is kept for ever. Whole calendar days (UTC) are dropped. Safe for use by many
 * threads.
 */
public final class Retention {
  /** No sample is too old. */
  public static final long FOR_EVER = Long.MIN_VALUE;

  /** Names come from outside: above this many, remembering begins anew. */
  private static final int MAX_METERS = 20_000;

  /** Meters, and how long their samples are kept. */
  record Rule(NameFilter meters, Duration keep) {}

  private final List<Rule> rules;
  private final Clock clock;
  private final ConcurrentHashMap<String, Optional<Duration>> known = new ConcurrentHashMap<>();

  private Retention(List<Rule> rules, Clock clock) {
    this.rules = rules;
    this.clock = clock;
  }

  /** Reads the list {@code sonde.retention}. */
  public static Retention from(Config config, Clock clock) {
    return new Retention(
        ConfigSection.of(config, "sonde").sections("retention", "a list of rules").stream()
            .map(Retention::rule)
            .toList(),
        clock);
  }

  private static Rule rule(ConfigSection section) {
    section.allow("meters", "keep");
    return new Rule(
        NameFilter.of(section.texts("meters", "a list of meter patterns"), section.path("meters")),
        section.duration("keep", Duration.ofDays(1), Duration.ofDays(36_500)));
  }

  /** Whether everything is kept for ever. */
  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** How long a meter's samples are kept; empty: for ever. */
  public Optional<Duration> keep(String meter) {
    Optional<Duration> keep = known.get(meter);
    if (keep == null) {
      keep =
          rules.stream().filter(rule -> rule.meters().matches(meter)).findFirst().map(Rule::keep);
      if (known.size() >= MAX_METERS) {
        known.clear();
      }
      known.put(meter, keep);
    }
    return keep;
  }

  /**
   * The earliest timestamp of the meter that is kept now, microseconds; {@link #FOR_EVER} where all
   * are. It is the beginning of a day.
   */
  public long cutoff(String meter) {
    return rules.isEmpty() ? FOR_EVER : keep(meter).map(this::cutoff).orElse(FOR_EVER);
  }

  /** The earliest timestamp that is kept now of each meter, whatever its name; microseconds. */
  public long latestCutoff() {
    return rules.stream()
        .map(Rule::keep)
        .min(Comparator.naturalOrder())
        .map(this::cutoff)
        .orElse(FOR_EVER);
  }

  private long cutoff(Duration keep) {
    long micros = TimeUnit.MILLISECONDS.toMicros(clock.instant().minus(keep).toEpochMilli());
    return Math.floorDiv(micros, SeriesDay.MICROS) * SeriesDay.MICROS;
  }
}
