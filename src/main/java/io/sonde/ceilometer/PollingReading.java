package io.sonde.ceilometer;

import io.sonde.ceilometer.PollingTranslation.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what is to be polled. */
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
  private final List<Source> sources = new ArrayList<>();

  PollingReading(Release release, Remarks remarks) {
    this.release = release;
    this.remarks = remarks;
  }

  /** All sources, in their order. */
  List<Source> sources() {
    return sources;
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

  /** Reads one source. */
  void source(YamlValue entry, String name, Map<String, YamlValue> keys, Filter filter) {
    YamlValue expression = keys.get("group_id_coordination_expression");
    if (expression != null) {
      remarks.note(
          expression,
          "group_id_coordination_expression is left out: Sonde's nodes divide what is polled by"
              + " themselves");
    }
    long interval = interval(entry, keys.get("interval"));
    List<YamlValue> resources = list(keys.get("resources"), "Resources should be a list");
    resources.forEach(PollingReading::resource);
    List<YamlValue> discoveries = list(keys.get("discovery"), "Discovery should be a list");
    discoveries.forEach(discovery -> discovery.text("a text"));
    sources.add(new Source(entry, name, interval, filter, resources, discoveries));
  }

  /** A URL; Newton takes a map with an id, too. */
  private static void resource(YamlValue resource) {
    if (!resource.isMap()) {
      resource.text("a text");
    } else if (!resource.map("a resource").containsKey("resource_url")) {
      throw resource.refusal("expected a text, or a map with resource_url");
    }
  }

  private static List<YamlValue> list(YamlValue list, String refusal) {
    if (list == null || list.isNull()) {
      return List.of();
    }
    if (!list.isList()) {
      throw list.refusal(refusal);
    }
    return list.list("a list");
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
