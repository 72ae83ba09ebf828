package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.model.ConfigSection;
import java.util.List;
import java.util.Map;

/**
 * Which of the fields that users give to their resources are kept.
 *
 * @param prefixes what names begin with; it is cut off
 * @param keys whole names
 * @param longest characters of a text that are kept
 */
public record UserMetadata(List<String> prefixes, List<String> keys, int longest) {
  /**
   * Reads which.
   *
   * @throws io.sonde.model.ConfigException naming path, value and what was expected
   */
  public static UserMetadata from(ConfigSection section) {
    section.allow("prefixes", "keys", "max-length");
    return new UserMetadata(
        section.texts("prefixes", "a list of prefixes, such as [\"metering.\"]"),
        section.texts("keys", "a list of names"),
        section.integer("max-length", 1, 65_536));
  }

  /** Puts what is kept under {@code user_metadata}, but for names that stand there already. */
  public void addTo(ObjectNode metadata, JsonNode fields) {
    ObjectNode kept = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      String name = keptName(field.getKey());
      if (name != null && !metadata.has(name)) {
        kept.set(name, cut(field.getValue()));
      }
    }
    if (!kept.isEmpty()) {
      metadata.set("user_metadata", kept);
    }
  }

  /** Null for a field that is not kept. */
  private String keptName(String name) {
    if (keys.contains(name)) {
      return name.replace('.', '_');
    }
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        return name.substring(prefix.length()).replace('.', '_');
      }
    }
    return null;
  }

  private JsonNode cut(JsonNode value) {
    String text = value.isTextual() ? value.textValue() : "";
    return text.codePointCount(0, text.length()) > longest
        ? JsonNodeFactory.instance.textNode(text.substring(0, text.offsetByCodePoints(0, longest)))
        : value;
  }
}
