package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.definition.Attribute.Text;
import io.sonde.model.ConfigSection;
import io.sonde.model.Metadata;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What samples say of their resource.
 *
 * @param attributes by the names under which they are kept; empty for all that the notification
 *     tells
 * @param userMetadata where the object is that users have filled; null for none
 * @param chosen which of its fields are kept
 */
record MetadataDefinition(
    Map<String, Attribute> attributes,
    Attribute userMetadata,
    UserMetadata chosen,
    boolean isFlat) {

  static MetadataDefinition from(ConfigSection section, UserMetadata chosen, boolean isFlat) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    ConfigSection metadata = section.section("metadata");
    for (String name : metadata.tree().keySet()) {
      attributes.put(name, Attribute.from(metadata, name, Text.PATH));
    }
    attributes.values().removeIf(attribute -> attribute == null);
    return new MetadataDefinition(
        attributes, Attribute.from(section, "user-metadata", Text.PATH), chosen, isFlat);
  }

  Metadata of(Conversion conversion, String origin) {
    Notification notification = conversion.notification();
    JsonNode root = isFlat ? notification.flatTree() : notification.tree();
    ObjectNode found = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, Attribute> attribute : attributes.entrySet()) {
      JsonNode value = attribute.getValue().first(root, conversion, origin);
      if (!Values.isAbsent(value)) {
        found.set(attribute.getKey(), value);
      }
    }
    if (userMetadata != null) {
      chosen.addTo(found, userMetadata.first(root, conversion, origin));
    }
    if (!found.isEmpty()) {
      return stored(conversion, origin, found);
    }
    return ofAll(conversion, origin, notification.payload());
  }

  /** All that an object tells, and who told it. */
  static Metadata ofAll(Conversion conversion, String origin, JsonNode object) {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    object.properties().forEach(field -> all.set(field.getKey(), field.getValue()));
    return stored(conversion, origin, all.setAll(sender(conversion.notification())));
  }

  private static ObjectNode sender(Notification notification) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("event_type", notification.eventType())
        .put("host", notification.publisherId());
  }

  private static Metadata stored(Conversion conversion, String origin, JsonNode tree) {
    try {
      return Metadata.of(conversion.redaction().plainMap(tree));
    } catch (IllegalArgumentException e) {
      conversion.remark(origin + ": without metadata: " + e.getMessage());
      return Metadata.of(conversion.redaction().plainMap(sender(conversion.notification())));
    }
  }
}
