package io.sonde.audit;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import java.time.Duration;
import java.util.List;

/**
 * What the configuration says under {@code sonde.periods}.
 *
 * @param meters patterns of those that are sealed where none are asked for
 * @param corrected how long after its end a period is still corrected
 */
public record PeriodSettings(List<String> meters, Duration corrected) {
  /** Reads what stands at {@code sonde.periods}. */
  public static PeriodSettings from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, "sonde.periods").allow("meters", "corrected-for");
    List<String> meters = section.texts("meters", "a list of meter patterns");
    NameFilter.of(meters, section.path("meters"));
    return new PeriodSettings(
        meters, section.duration("corrected-for", Duration.ZERO, Duration.ofDays(36_500)));
  }
}
