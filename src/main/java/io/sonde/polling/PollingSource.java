package io.sonde.polling;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One entry of {@code sonde.polling.sources}.
 *
 * @param name unique among the sources
 * @param discovery name of the {@link TargetFinder}
 * @param interval time between two polls of one resource
 * @param meters patterns of the meter names to keep, valid ones
 * @param targets what to poll, for the discovery {@code prometheus}: http or https URLs
 */
public record PollingSource(
    String name, String discovery, Duration interval, List<String> meters, List<URI> targets) {
  static final String LOCAL_HOST = "local-host";
  static final String LOCAL_METRICS = "local-metrics";
  static final String PROMETHEUS = "prometheus";

  private static final Set<String> DISCOVERIES = Set.of(LOCAL_HOST, LOCAL_METRICS, PROMETHEUS);
  private static final Duration LONGEST_INTERVAL = Duration.ofDays(31);

  public PollingSource {
    meters = List.copyOf(meters);
    targets = List.copyOf(targets);
  }

  /** Reads an entry. */
  static PollingSource from(ConfigSection section) {
    section.allow("name", "discovery", "interval", "meters", "targets");
    String name = section.text("name", "a name");
    if (name.indexOf('/') >= 0) {
      // Entity ids are source/resource, so a slash would let two of them be one.
      throw new ConfigException(section.path("name"), name, "a name without a slash");
    }
    String oneOf = "one of " + String.join(", ", new TreeSet<>(DISCOVERIES));
    String discovery = section.text("discovery", oneOf);
    if (!DISCOVERIES.contains(discovery)) {
      throw new ConfigException(section.path("discovery"), discovery, oneOf);
    }
    List<String> meters =
        section.has("meters") ? section.texts("meters", "a list of patterns") : List.of("*");
    NameFilter.of(meters, section.path("meters"));
    return new PollingSource(
        name,
        discovery,
        section.duration("interval", Duration.ofMillis(1), LONGEST_INTERVAL),
        meters,
        targets(section, discovery));
  }

  private static List<URI> targets(ConfigSection section, String discovery) {
    if (!discovery.equals(PROMETHEUS)) {
      if (section.has("targets")) {
        throw new ConfigException(
            section.path("targets"),
            section.shown("targets"),
            "known to the discovery " + discovery + ", which finds its own");
      }
      return List.of();
    }
    List<String> texts = section.texts("targets", "a list of at least one URL");
    if (texts.isEmpty()) {
      throw new ConfigException(section.path("targets"), "[]", "a list of at least one URL");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < texts.size(); i++) {
      String path = section.path("targets") + "[" + i + "]";
      if (!PrometheusTargets.isUrl(texts.get(i))) {
        throw new ConfigException(
            path, texts.get(i), "an http or https URL without user and password");
      }
      if (!seen.add(texts.get(i))) {
        throw new ConfigException(path, texts.get(i), "a target that was not listed before");
      }
    }
    return texts.stream().map(URI::create).toList();
  }
}
