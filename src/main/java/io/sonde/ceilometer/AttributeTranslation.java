package io.sonde.ceilometer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Translates where the value of an attribute or a trait comes from. */
final class AttributeTranslation {
  /** What Ceilometer takes for a path that is a plain word or words with dots. */
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_@-]*(\\.[A-Za-z_][A-Za-z0-9_@-]*)*");

  /** What stands at the top of a notification: a word that begins with one of them is a path. */
  private static final Pattern ROOTED =
      Pattern.compile(
          "(payload|publisher_id|event_type|priority|ctxt|metadata|message_id|timestamp|_context_\\w+)"
              + "\\b.*");

  private AttributeTranslation() {}

  /** A path, a number, or a map with {@code fields} and {@code plugin}. */
  static Object translate(YamlValue value) {
    if (value.isMap()) {
      return ofMap(value.map("a map with the key fields"));
    }
    if (value.isList()) {
      return value.texts("a list of paths");
    }
    return value.scalar() instanceof Integer number ? number : value.text("a path");
  }

  /**
   * The same for a name, a type or a unit: Ceilometer looks for all of them as paths first; here a
   * text is one only where it can find something.
   */
  static Object translateText(YamlValue value) {
    Object translated = translate(value);
    if (!(translated instanceof String text) || text.startsWith("$")) {
      return translated instanceof Integer ? translated.toString() : translated;
    }
    return PLAIN.matcher(text).matches() && !ROOTED.matcher(text).matches()
        ? text
        : new LinkedHashMap<>(Map.of("fields", text));
  }

  /** The keys {@code fields} and {@code plugin}, and {@code type} where there is one. */
  static Map<String, Object> ofMap(Map<String, YamlValue> keys) {
    Map<String, Object> translated = new LinkedHashMap<>();
    keys.forEach(
        (key, value) -> {
          if (key.equals("plugin")) {
            translated.put(key, plugin(value));
          } else if (!value.isNull()) {
            translated.put(key, value.tree());
          }
        });
    return translated;
  }

  private static Object plugin(YamlValue value) {
    if (!value.isMap()) {
      return value.text("the name of a plugin, or a map");
    }
    Map<String, YamlValue> keys = value.map("a plugin");
    Map<String, Object> plugin = new LinkedHashMap<>();
    YamlValue name = keys.get("name");
    plugin.put("name", name == null ? "" : name.text("the name of a plugin"));
    YamlValue parameters = keys.get("parameters");
    if (parameters != null && !parameters.isNull()) {
      parameters
          .map("a map of parameters")
          .forEach(
              (key, parameter) -> {
                if (!parameter.isNull()) {
                  plugin.put(key.replace('_', '-'), parameter.tree());
                }
              });
    }
    return plugin;
  }

  /**
   * Types of events. Beside {@code *}, which takes all, Sonde wants no other inclusions.
   *
   * @param globs whether they are globs, not expressions
   */
  static Object types(List<String> types, boolean globs) {
    List<String> kept = new ArrayList<>(types);
    if (globs && types.contains("*")) {
      kept.removeIf(type -> !type.startsWith("!"));
      kept.add(0, "*");
    }
    return kept.size() == 1 ? kept.get(0) : kept;
  }
}
