package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.jsonpath.JsonPath;
import io.sonde.model.ConfigSection;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What events of certain types say.
 *
 * @param name for messages: the types it is for
 * @param traits besides the default ones
 * @param isFlat whether paths begin at the flat tree
 */
record EventDefinition(
    String name, EventTypes types, Map<String, TraitDefinition> traits, boolean isFlat) {
  /** Traits of every event, unless its definition has one of that name. */
  private static final Map<String, TraitDefinition> DEFAULTS = new LinkedHashMap<>();

  static {
    String[] project = {"payload.tenant_id", "ctxt.project_id", "ctxt.tenant_id", "ctxt.tenant"};
    addDefault("service", "publisher_id");
    addDefault("request_id", "ctxt.request_id");
    addDefault("project_id", project);
    addDefault("tenant_id", project);
    addDefault("user_id", "payload.user_id", "ctxt.user_id", "ctxt.user");
  }

  /** For what no definition is for. */
  static final EventDefinition CATCH_ALL =
      new EventDefinition("*", EventTypes.globs(List.of("*"), "*"), Map.of(), false);

  private static void addDefault(String name, String... paths) {
    Attribute attribute = Attribute.ofPaths(Arrays.stream(paths).map(JsonPath::parse).toList());
    DEFAULTS.put(name, new TraitDefinition(name, TraitType.TEXT, attribute));
  }

  /**
   * Reads a definition.
   *
   * @throws io.sonde.model.ConfigException when it is none
   */
  static EventDefinition from(ConfigSection section) {
    section.allow("event-type", "event-type-regex", "traits", "root");
    Map<String, TraitDefinition> traits = new LinkedHashMap<>();
    ConfigSection given = section.section("traits");
    for (String name : given.tree().keySet()) {
      if (given.has(name)) {
        traits.put(name, TraitDefinition.from(given, name));
      }
    }
    EventTypes types = EventTypes.from(section);
    String key = section.has("event-type") ? "event-type" : "event-type-regex";
    return new EventDefinition(section.shown(key), types, traits, MeterDefinition.isFlat(section));
  }

  /** The traits of a notification's event. */
  List<Trait> traits(Conversion conversion) {
    List<Trait> found = new ArrayList<>();
    Notification notification = conversion.notification();
    JsonNode nested = notification.tree();
    for (TraitDefinition definition : DEFAULTS.values()) {
      if (!traits.containsKey(definition.name())) {
        add(definition.of(nested, conversion), found);
      }
    }
    JsonNode root = isFlat ? notification.flatTree() : nested;
    for (TraitDefinition definition : traits.values()) {
      add(definition.of(root, conversion), found);
    }
    return found;
  }

  private static void add(Trait trait, List<Trait> to) {
    if (trait != null) {
      to.add(trait);
    }
  }
}
