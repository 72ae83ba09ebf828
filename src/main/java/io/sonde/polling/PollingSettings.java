package io.sonde.polling;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is polled, from {@code sonde.polling}.
 *
 * @param host name of this host; all nodes that give the same name poll the host once, together
 * @param maxBody largest answer that is taken from the outside, in bytes
 * @param maxPerHost how many polls of one host may be under way at a time on a node
 * @param maxBackOff longest time for which a resource that fails is left alone, unless its interval
 *     is longer
 * @param pollsters those of this node, not started yet
 * @param sources what to poll; empty: nothing
 */
public record PollingSettings(
    String host,
    int maxBody,
    int maxPerHost,
    Duration maxBackOff,
    PollsterSet pollsters,
    List<PollingSource> sources) {
  private static final String PATH = "sonde.polling";

  public PollingSettings {
    sources = List.copyOf(sources);
  }

  /**
   * Reads the configuration at {@code sonde.polling}.
   *
   * @param factories of all pollsters that there are
   * @throws ConfigException naming path, value and what was expected
   */
  public static PollingSettings from(Config polling, List<PollsterFactory> factories) {
    ConfigSection section =
        ConfigSection.of(polling, PATH)
            .allow(
                "host",
                "timeout",
                "misses",
                "max-body",
                "max-per-host",
                "max-back-off",
                "pollsters",
                "sources");
    PollsterSet pollsters = PollsterSet.from(section.section("pollsters"), factories);
    List<PollingSource> sources = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ConfigSection entry : section.sections("sources", "a list of sources")) {
      PollingSource source = PollingSource.from(entry, section, pollsters);
      if (!names.add(source.name())) {
        throw new ConfigException(
            entry.path("name"), source.name(), "a name that no source before it has");
      }
      sources.add(source);
    }
    return new PollingSettings(
        section.text("host").filter(host -> !host.isBlank()).orElseGet(PollingSettings::ownName),
        (int) section.bytes("max-body", 1, 1 << 30),
        section.integer("max-per-host", 1, 1_000_000),
        section.duration("max-back-off", Duration.ofMillis(1), Duration.ofDays(1)),
        pollsters,
        sources);
  }

  private static String ownName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // The name does not resolve; the message of this exception would be the only place of it.
      String name = System.getenv("HOSTNAME");
      return name == null || name.isBlank() ? "localhost" : name;
    }
  }
}
