package io.sonde.polling;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The pollsters of a node by all that they are asked for by: name, URL scheme and discovery. */
public final class PollsterSet {
  private final Map<String, Pollster> pollsters = new LinkedHashMap<>();
  private final Map<String, Pollster> schemes = new TreeMap<>();
  private final Map<String, Discovery> discoveries = new TreeMap<>();

  private PollsterSet() {}

  /** These, by their names. */
  public static PollsterSet of(Map<String, Pollster> pollsters) {
    PollsterSet set = new PollsterSet();
    pollsters.forEach(set::add);
    return set;
  }

  /**
   * Makes the pollsters of these factories. Of two with one name, scheme or discovery the first
   * keeps it.
   *
   * @param parameters the section {@code sonde.polling.pollsters}
   */
  static PollsterSet from(ConfigSection parameters, List<PollsterFactory> factories) {
    parameters.allow(factories.stream().map(PollsterFactory::name).toArray(String[]::new));
    PollsterSet set = new PollsterSet();
    for (PollsterFactory factory : factories) {
      if (factory.name().indexOf('/') >= 0) {
        throw new ConfigException(
            parameters.path(factory.name()), factory.name(), "a pollster's name without a slash");
      }
      if (!set.pollsters.containsKey(factory.name())) {
        set.add(factory.name(), factory.create(parameters.section(factory.name())));
      }
    }
    return set;
  }

  private void add(String name, Pollster pollster) {
    pollsters.put(name, pollster);
    pollster.schemes().forEach(scheme -> schemes.putIfAbsent(scheme, pollster));
    pollster.discoveries().forEach(one -> discoveries.putIfAbsent(one.name(), one));
  }

  void start(PollingContext context) {
    pollsters.values().forEach(pollster -> pollster.start(context));
  }

  void close() {
    pollsters.values().forEach(Pollster::close);
  }

  /** Null where there is none. */
  Pollster named(String name) {
    return pollsters.get(name);
  }

  /** Null where there is none. */
  Pollster ofScheme(String scheme) {
    return schemes.get(scheme);
  }

  /** Null where there is none. */
  Discovery discovery(String name) {
    return discoveries.get(name);
  }

  String discoveryNames() {
    return String.join(", ", discoveries.keySet());
  }

  String schemeNames() {
    return String.join(", ", schemes.keySet());
  }
}
