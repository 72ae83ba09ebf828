package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import java.util.Map;

/**
 * What Neutron tells of its resources, counted: a gauge of 1 that there is one, and a delta of 1
 * for what was done with it. Deletions tell too little, and are left out.
 */
final class NeutronExistence {
  /** Resources, and their meters. */
  private static final Map<String, String> METERS =
      Map.of(
          "network", "network",
          "subnet", "subnet",
          "port", "port",
          "router", "router",
          "floatingip", "ip.floating");

  private static final String UPDATE_START = "update.start";

  private NeutronExistence() {}

  static boolean isTold(String eventType) {
    int dot = eventType.indexOf('.');
    if (dot < 0 || !METERS.containsKey(eventType.substring(0, dot))) {
      return false;
    }
    String verb = eventType.substring(dot + 1);
    return verb.equals("create.end") || verb.equals("exists") || verb.startsWith("update.");
  }

  /** Takes the resource, or the list of them; one without an id is left out with a remark. */
  static void convert(Conversion conversion) {
    String eventType = conversion.notification().eventType();
    String[] words = eventType.split("\\.", 3);
    JsonNode payload = conversion.notification().payload();
    JsonNode resource = payload.path(words[0]);
    if (resource.isObject()) {
      // Before an update the id stands beside the resource.
      boolean isBeside = eventType.endsWith(UPDATE_START);
      add(conversion, words, 0, resource, isBeside ? payload.path("id") : resource.path("id"));
      return;
    }
    JsonNode list = payload.path(words[0] + "s");
    if (!list.isArray()) {
      conversion.remark(words[0] + ": payload." + words[0] + " is expected");
    }
    for (int i = 0; i < list.size(); i++) {
      add(conversion, words, i, list.get(i), list.get(i).path("id"));
    }
  }

  private static void add(
      Conversion conversion, String[] words, int index, JsonNode resource, JsonNode idNode) {
    String id = Values.text(idNode);
    if (id == null) {
      conversion.remark(words[0] + "[" + index + "]: an id is expected");
      return;
    }
    String meter = METERS.get(words[0]);
    Metadata metadata = MetadataDefinition.ofAll(conversion, meter, resource);
    add(conversion, index, meter, MeterType.GAUGE, meter, id, metadata);
    if (words.length > 2) {
      add(conversion, index, meter + "." + words[1], MeterType.DELTA, meter, id, metadata);
    }
  }

  private static void add(
      Conversion conversion,
      int index,
      String meter,
      MeterType type,
      String unit,
      String id,
      Metadata metadata) {
    conversion.add(
        "existence " + meter,
        index,
        meter,
        type,
        unit,
        JsonNodeFactory.instance.numberNode(1),
        id,
        conversion.user(),
        conversion.project(),
        conversion.notification().timestamp(),
        metadata);
  }
}
