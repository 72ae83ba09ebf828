package io.sonde.ceilometer;

import io.sonde.ceilometer.Pipes.Block;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads, checks and translates what Ceilometer makes of notifications: meters and events. */
final class DefinitionReading {
  private static final Set<String> TYPES = Set.of("gauge", "delta", "cumulative");
  private static final Set<String> TRAIT_TYPES = Set.of("text", "int", "float", "datetime");

  private final Release release;
  private final DefinitionCheck check;
  private final Remarks remarks;
  private final List<Block> meterBlocks = new ArrayList<>();
  private final List<Block> eventBlocks = new ArrayList<>();
  private final Set<String> meters = new HashSet<>();

  DefinitionReading(Release release, DefinitionCheck check, Remarks remarks) {
    this.release = release;
    this.check = check;
    this.remarks = remarks;
  }

  /** Definitions as in {@code sonde.definitions.meters}. */
  List<Block> meterBlocks() {
    return meterBlocks;
  }

  /** Definitions as in {@code sonde.definitions.events}. */
  List<Block> eventBlocks() {
    return eventBlocks;
  }

  /** Reads a meters.yaml. Of a name the last definition of the first file counts. */
  void meters(YamlValue root) {
    YamlValue list = root.map("a map with the key metric").get("metric");
    if (list == null) {
      throw root.refusal("expected the key metric, a list of definitions");
    }
    List<YamlValue> entries = list.isNull() ? List.of() : list.list("a list of definitions");
    Set<String> ofThisFile = new HashSet<>();
    List<Block> blocks = new ArrayList<>();
    for (int i = entries.size() - 1; i >= 0; i--) {
      YamlValue entry = entries.get(i);
      Map<String, YamlValue> keys = entry.map("a definition, a map");
      String why = refusalOfMeter(keys);
      if (why != null) {
        remarks.lost(entry, "Ceilometer skips this meter: " + why);
        continue;
      }
      String name = keys.get("name").text("a name");
      if (meters.contains(name) || !ofThisFile.add(name)) {
        remarks.note(entry, "the meter " + name + " has another definition, which counts");
      } else if (isOffByDefault(keys.get("volume"))) {
        remarks.note(
            entry,
            "the meter "
                + name
                + " only counts notifications: off there by default"
                + " (disable_non_metric_meters)");
      } else {
        add("meters", "the meter " + name, new Block(entry, meter(entry, name, keys)), blocks);
      }
    }
    Collections.reverse(blocks);
    meterBlocks.addAll(blocks);
    meters.addAll(ofThisFile);
  }

  private void add(String list, String what, Block block, List<Block> to) {
    Optional<String> refusal = check.refusal(list, block.keys());
    if (refusal.isPresent()) {
      remarks.lost(block.origin(), what + ": " + refusal.get());
    } else {
      to.add(block);
    }
  }

  private Map<String, Object> meter(YamlValue entry, String name, Map<String, YamlValue> keys) {
    Map<String, Object> meter = new LinkedHashMap<>();
    keys.forEach(
        (key, value) -> {
          String ours = key.replace('_', '-');
          if (value.isNull()) {
            return;
          }
          switch (key) {
            case "name", "type", "unit" ->
                meter.put(ours, AttributeTranslation.translateText(value));
            case "volume", "resource_id", "user_id", "project_id", "timestamp", "user_metadata" ->
                meter.put(ours, AttributeTranslation.translate(value));
            case "event_type" -> {
              boolean isGlob = release == Release.NEWTON;
              meter.put(
                  isGlob ? "event-type" : "event-type-regex",
                  AttributeTranslation.types(eventTypes(value), isGlob));
            }
            case "metadata" -> meter.put(ours, metadata(value));
            case "lookup" -> meter.put(ours, lookup(entry, value, keys));
            default -> remarks.note(value, "the meter " + name + ": nothing reads the key " + key);
          }
        });
    if (release == Release.NEWTON) {
      meter.put("root", "flat");
    }
    return meter;
  }

  private static Map<String, Object> metadata(YamlValue value) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    value
        .map("a map of metadata")
        .forEach((name, path) -> metadata.put(name, AttributeTranslation.translate(path)));
    return metadata;
  }

  /** What is looked up and not given has one value there, its default. */
  private List<String> lookup(YamlValue entry, YamlValue value, Map<String, YamlValue> keys) {
    List<String> lookup = new ArrayList<>();
    for (String key :
        value.isList() ? value.texts("a list of attributes") : List.of(value.text("a text"))) {
      if (keys.containsKey(key)) {
        lookup.add(key.replace('_', '-'));
      } else {
        remarks.note(entry, "lookup names " + key + ", which is not given: it is not looked up");
      }
    }
    return lookup;
  }

  private boolean isOffByDefault(YamlValue volume) {
    return release == Release.NEWTON && Integer.valueOf(1).equals(volume.scalar());
  }

  private static String refusalOfMeter(Map<String, YamlValue> keys) {
    List<String> missing = new ArrayList<>();
    for (String key : List.of("name", "type", "event_type", "unit", "volume", "resource_id")) {
      if (!keys.containsKey(key) || !keys.get(key).isTruthy()) {
        missing.add(key);
      }
    }
    if (!missing.isEmpty()) {
      return "Required fields " + missing + " not specified";
    }
    keys.get("name").text("a name");
    eventTypes(keys.get("event_type"));
    YamlValue lookup = keys.get("lookup");
    List<String> several =
        lookup == null || lookup.isNull()
            ? List.of()
            : lookup.isList()
                ? lookup.texts("a list of attributes")
                : List.of(lookup.text("a text"));
    String type = keys.get("type").text("a type");
    return TYPES.contains(type) || several.contains("type")
        ? null
        : "Invalid type " + type + " specified";
  }

  /**
   * Reads an event_definitions.yaml.
   *
   * @throws FormException for one that Ceilometer does not load
   */
  void events(YamlValue root) {
    for (YamlValue entry : root.list("a list of definitions")) {
      Map<String, YamlValue> keys = entry.map("a definition, a map");
      for (String key : List.of("event_type", "traits")) {
        if (!keys.containsKey(key)) {
          throw entry.refusal("Required field " + key + " not specified");
        }
      }
      List<String> types = eventTypes(keys.get("event_type"));
      YamlValue traits = keys.get("traits");
      Map<String, YamlValue> given = traits.isNull() ? Map.of() : traits.map("a map of traits");
      given.forEach(DefinitionReading::checkTrait);
      String what = "the events " + String.join(", ", types);
      add("events", what, new Block(entry, event(types, given, what)), eventBlocks);
    }
  }

  private Map<String, Object> event(List<String> types, Map<String, YamlValue> given, String what) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event-type", AttributeTranslation.types(types, true));
    Map<String, Object> traits = new LinkedHashMap<>();
    given.forEach(
        (name, value) -> {
          Object trait = trait(value);
          Optional<String> refusal =
              check.refusal("events", Map.of("event-type", "*", "traits", Map.of(name, trait)));
          if (refusal.isPresent()) {
            remarks.lost(value, what + ": the trait " + name + ": " + refusal.get());
          } else {
            traits.put(name, trait);
          }
        });
    event.put("traits", traits);
    if (release == Release.NEWTON) {
      event.put("root", "flat");
    }
    return event;
  }

  /** Just the path, where there is nothing else to say. */
  private static Object trait(YamlValue value) {
    Object trait = AttributeTranslation.translate(value);
    return trait instanceof Map<?, ?> map && map.size() == 1 && map.get("fields") instanceof String
        ? map.get("fields")
        : trait;
  }

  private static void checkTrait(String name, YamlValue trait) {
    if (!trait.isMap()) {
      paths(trait);
      return;
    }
    Map<String, YamlValue> keys = trait.map("a trait");
    YamlValue type = keys.get("type");
    if (type != null && !TRAIT_TYPES.contains(type.text("a type"))) {
      throw type.refusal("Invalid trait type '" + type.text("a type") + "' for trait " + name);
    }
    if (!keys.containsKey("fields")) {
      throw trait.refusal("The field 'fields' is required for " + name);
    }
    paths(keys.get("fields"));
  }

  private static void paths(YamlValue fields) {
    if (fields.isList()) {
      fields.texts("a list of paths");
    } else {
      fields.text("a path, or a list of paths");
    }
  }

  private static List<String> eventTypes(YamlValue value) {
    return value.isList()
        ? value.texts("a list of types of events")
        : List.of(value.text("a type of events, or a list of them"));
  }
}
