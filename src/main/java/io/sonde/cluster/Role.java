package io.sonde.cluster;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a node may do. One without a role reaches those that have it. */
public enum Role {
  /** Looks for what there is to poll, and polls it. */
  POLLER("poller"),
  /** Runs the stages of pipelines. */
  PIPELINE("pipeline"),
  /** Stores samples, and hands them to publishers. */
  COLLECTOR("collector"),
  /** Listens to the brokers of services. */
  NOTIFICATION("notification"),
  /** Serves the HTTP API. */
  API("api");

  private final String configName;

  Role(String configName) {
    this.configName = configName;
  }

  /** The name used in configuration, and in the cluster. */
  public String configName() {
    return configName;
  }

  /** All names. */
  public static List<String> names() {
    return Arrays.stream(values()).map(Role::configName).toList();
  }

  /**
   * The names of roles that stand at a key; all where the list is empty.
   *
   * @throws ConfigException naming one that there is not
   */
  public static List<String> read(ConfigSection section, String key) {
    List<String> given = new ArrayList<>(section.texts(key, "a list of roles"));
    for (int i = 0; i < given.size(); i++) {
      if (!names().contains(given.get(i))) {
        throw new ConfigException(
            section.path(key) + "[" + i + "]",
            given.get(i),
            "one of the roles " + String.join(", ", names()));
      }
    }
    return given.isEmpty() ? names() : given;
  }

  /** The roles of these names; others, as Akka has of its own, are left out. */
  public static Set<Role> of(Collection<String> names) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Role role : values()) {
      if (names.contains(role.configName)) {
        roles.add(role);
      }
    }
    return Collections.unmodifiableSet(roles);
  }
}
