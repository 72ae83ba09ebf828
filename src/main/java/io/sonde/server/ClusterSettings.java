package io.sonde.server;

import com.typesafe.config.Config;
import io.sonde.cluster.Role;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How this node meets the others. Keys under {@code sonde.cluster}.
 *
 * @param host address at which the other nodes reach this one
 * @param port its port; 0 takes a free one
 * @param seedNodes {@code host:port} of nodes to join; empty: this node forms a cluster of its own
 * @param roles what this node does: names of {@link Role}s; all where none is given
 */
public record ClusterSettings(String host, int port, List<String> seedNodes, List<String> roles) {
  private static final Pattern HOST_AND_PORT = Pattern.compile("[^:\\s]+:\\d{1,5}");

  public ClusterSettings {
    roles = roles.isEmpty() ? Role.names() : roles;
  }

  /** Reads what stands at {@code sonde.cluster}. */
  public static ClusterSettings from(Config config) {
    ConfigSection section = ConfigSection.of(config, "sonde.cluster");
    List<String> seedNodes = section.texts("seed-nodes", "a list of \"host:port\"");
    for (String seedNode : seedNodes) {
      if (!HOST_AND_PORT.matcher(seedNode).matches()) {
        throw new ConfigException(section.path("seed-nodes"), seedNode, "\"host:port\"");
      }
    }
    return new ClusterSettings(
        section.text("host", "an address or a host name"),
        section.integer("port", 0, 65_535),
        seedNodes,
        Role.read(section, "roles"));
  }
}
