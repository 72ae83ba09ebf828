package io.sonde.polling;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.sonde.model.ConfigException;
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
 * @param timeout after which an answer is not waited for any more
 * @param maxBody largest answer of an exporter, in bytes
 * @param sources what to poll; empty: nothing
 */
public record PollingSettings(
    String host, Duration timeout, int maxBody, List<PollingSource> sources) {
  private static final String PATH = "sonde.polling";

  public PollingSettings {
    sources = List.copyOf(sources);
  }

  /**
   * Reads the configuration at {@code sonde.polling}.
   *
   * @throws ConfigException naming path, value and what was expected
   */
  public static PollingSettings from(Config polling) {
    ConfigReader in = new ConfigReader(polling, PATH);
    in.requireKnown(Set.of("host", "timeout", "max-body", "sources"));
    String host = in.string("host", "a host name, or empty for this one's own");
    return new PollingSettings(
        host.isBlank() ? ownName() : host,
        in.duration("timeout"),
        in.bytes("max-body"),
        sources(polling));
  }

  private static List<PollingSource> sources(Config polling) {
    String path = PATH + ".sources";
    if (!polling.hasPath("sources")) {
      throw new ConfigException(path, null, "a list of sources");
    }
    ConfigValue value = polling.getValue("sources");
    if (value.valueType() != ConfigValueType.LIST) {
      throw new ConfigException(path, String.valueOf(value.unwrapped()), "a list of sources");
    }
    List<PollingSource> sources = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ConfigValue entry : (ConfigList) value) {
      String entryPath = path + "[" + sources.size() + "]";
      PollingSource source = PollingSource.from(entry, entryPath);
      if (!names.add(source.name())) {
        throw new ConfigException(
            entryPath + ".name", source.name(), "a name that no source before it has");
      }
      sources.add(source);
    }
    return sources;
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
