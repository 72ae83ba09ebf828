package io.sonde.polling;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.sonde.model.ConfigException;
import io.sonde.model.MeterFilter;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
  private static final Set<String> KEYS =
      Set.of("name", "discovery", "interval", "meters", "targets");

  public PollingSource {
    meters = List.copyOf(meters);
    targets = List.copyOf(targets);
  }

  /** Reads an entry; {@code path} is where it stands. */
  static PollingSource from(ConfigValue entry, String path) {
    if (!(entry.unwrapped() instanceof Map)) {
      throw new ConfigException(path, String.valueOf(entry.unwrapped()), "an object { name = … }");
    }
    Config config = ((ConfigObject) entry).toConfig();
    ConfigReader in = new ConfigReader(config, path);
    in.requireKnown(KEYS);
    String name = in.string("name", "a name");
    if (name.isBlank() || name.indexOf('/') >= 0) {
      // Entity ids are source/resource, so a slash would let two of them be one.
      throw in.bad("name", "a name without a slash");
    }
    String discovery = in.string("discovery", "one of " + sorted(DISCOVERIES));
    if (!DISCOVERIES.contains(discovery)) {
      throw in.bad("discovery", "one of " + sorted(DISCOVERIES));
    }
    List<String> meters =
        config.hasPath("meters") ? in.strings("meters", "a list of patterns") : List.of("*");
    MeterFilter.of(meters, path + ".meters");
    return new PollingSource(
        name, discovery, in.duration("interval"), meters, targets(in, discovery));
  }

  private static List<URI> targets(ConfigReader in, String discovery) {
    boolean wanted = discovery.equals(PROMETHEUS);
    if (!wanted && in.has("targets")) {
      throw in.bad("targets", "known to the discovery " + discovery + ", which finds its own");
    }
    List<String> texts =
        wanted ? in.strings("targets", "a list of at least one URL") : List.<String>of();
    if (wanted && texts.isEmpty()) {
      throw in.bad("targets", "a list of at least one URL");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < texts.size(); i++) {
      String path = in.path("targets") + "[" + i + "]";
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

  private static String sorted(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }
}
