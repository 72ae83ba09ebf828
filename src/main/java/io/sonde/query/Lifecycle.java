package io.sonde.query;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What events tell of when a kind of resource exists, and as what. Keys of an entry of {@code
 * sonde.lifecycles}; the rules are in docs/lifecycles.md.
 *
 * @param events types that say anything of it
 * @param begins those of them by which one begins to exist
 * @param ends those by which one ends
 * @param resource names of the text traits that hold its id; the first that is there counts, here
 *     and in what follows
 * @param begunAt names of traits with the moment since which it exists
 * @param endedAt names of traits with the moment at which it ended
 * @param state names of traits that say in which state it is
 * @param shape traits that say how large it is, all of them
 */
public record Lifecycle(
    String name,
    NameFilter events,
    NameFilter begins,
    NameFilter ends,
    List<String> resource,
    List<String> begunAt,
    List<String> endedAt,
    List<String> state,
    List<String> shape) {

  /**
   * Reads {@code sonde.lifecycles}.
   *
   * @throws ConfigException when something in it is not right
   */
  public static List<Lifecycle> from(Config sonde) {
    List<Lifecycle> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ConfigSection section :
        ConfigSection.of(sonde, "sonde").sections("lifecycles", "a list of lifecycles")) {
      section.allow(
          "name", "events", "begins", "ends", "resource", "begun-at", "ended-at", "state", "shape");
      String name = section.text("name", "a name for the lifecycle");
      if (!names.add(name)) {
        throw new ConfigException(section.path("name"), name, "a name that no other lifecycle has");
      }
      List<String> resource = traits(section, "resource");
      if (resource.isEmpty()) {
        throw new ConfigException(
            section.path("resource"), "[]", "a list of the names of traits, at least one");
      }
      all.add(
          new Lifecycle(
              name,
              types(section, "events"),
              types(section, "begins"),
              types(section, "ends"),
              resource,
              traits(section, "begun-at"),
              traits(section, "ended-at"),
              traits(section, "state"),
              traits(section, "shape")));
    }
    return List.copyOf(all);
  }

  private static NameFilter types(ConfigSection section, String key) {
    return NameFilter.of(
        section.texts(key, "a list of patterns of event types"), section.path(key));
  }

  private static List<String> traits(ConfigSection section, String key) {
    return section.has(key)
        ? List.copyOf(section.texts(key, "a list of the names of traits"))
        : List.of();
  }
}
