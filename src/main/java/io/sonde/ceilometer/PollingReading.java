package io.sonde.ceilometer;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads and checks what is to be polled. None of it is carried over yet: Ceilometer asks
 * hypervisors and services of OpenStack, Sonde the hosts that its nodes run on.
 */
final class PollingReading {
  private static final long NEWTON_INTERVAL = 600;
  private static final Set<String> KEYS =
      Set.of(
          "name",
          "interval",
          "meters",
          "resources",
          "discovery",
          "group_id_coordination_expression");

  private final Release release;
  private final Remarks remarks;

  PollingReading(Release release, Remarks remarks) {
    this.release = release;
    this.remarks = remarks;
  }

  /**
   * Reads a polling.yaml.
   *
   * @throws FormException when Ceilometer would not start with it
   */
  void read(YamlValue root) {
    Map<String, YamlValue> keys = root.map("a map with sources");
    if (!keys.containsKey("sources")) {
      throw root.refusal("sources required");
    }
    for (YamlValue entry : keys.get("sources").list("a list of sources")) {
      Map<String, YamlValue> source = entry.map("a source, a map");
      if (!source.containsKey("name")) {
        throw entry.refusal("Required field name not specified");
      }
      if (!source.containsKey("meters")) {
        throw entry.refusal("Missing meters value");
      }
      Filter filter = Filter.of(source.get("meters"), "meters", remarks);
      source(entry, source.get("name").text("a name"), source, filter);
      source.forEach(
          (key, value) -> {
            if (!KEYS.contains(key)) {
              remarks.note(value, "the key " + key + " is left out: Ceilometer does not read it");
            }
          });
    }
  }

  /** Checks one source, and says that it is not carried over. */
  void source(YamlValue entry, String name, Map<String, YamlValue> keys, Filter filter) {
    long interval = interval(entry, keys.get("interval"));
    addresses(keys.get("resources"), "Resources should be a list");
    addresses(keys.get("discovery"), "Discovery should be a list");
    int count = filter.patterns().size();
    String meters = filter.takesAll() ? "all meters" : count + (count == 1 ? " meter" : " meters");
    remarks.lost(
        entry,
        "polling of "
            + name
            + " ("
            + meters
            + " every "
            + interval
            + " s): Sonde does not ask hypervisors and services of OpenStack yet; its discovery"
            + " local-host reads the hosts that its nodes run on, under some of these names");
  }

  private void addresses(YamlValue list, String refusal) {
    if (list == null || list.isNull()) {
      return;
    }
    if (!list.isList()) {
      throw list.refusal(refusal);
    }
    List<YamlValue> entries = list.list("a list");
    entries.forEach(entry -> entry.text("a text"));
  }

  private long interval(YamlValue entry, YamlValue value) {
    if (value == null) {
      if (release == Release.NEWTON) {
        return NEWTON_INTERVAL;
      }
      throw entry.refusal("Missing interval value");
    }
    Object scalar = value.scalar();
    long interval;
    if (scalar instanceof Number number) {
      interval = number.longValue();
    } else if (scalar instanceof String text && text.matches("\\s*[-+]?\\d{1,18}\\s*")) {
      interval = Long.parseLong(text.strip());
    } else {
      throw value.refusal("Invalid interval value");
    }
    if (interval <= 0) {
      throw value.refusal("Interval value should > 0");
    }
    return interval;
  }
}
