package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sonde.jsonpath.JsonPath;
import io.sonde.jsonpath.JsonPathException;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where the value of an attribute comes from: it is given, or paths find it, the first path first.
 * In the configuration it is a number, a text, or {@code { fields = PATH or [PATH…], plugin = … }}.
 */
final class Attribute {
  private static final String EXPECTED = "a path, a number, or { fields, plugin }";

  /** What a text is that stands for an attribute. */
  enum Text {
    PATH,
    /** Itself, unless it begins with {@code $}. */
    LITERAL
  }

  private final JsonNode literal;
  private final List<JsonPath> paths;
  private final Plugin plugin;

  private Attribute(JsonNode literal, List<JsonPath> paths, Plugin plugin) {
    this.literal = literal;
    this.paths = List.copyOf(paths);
    this.plugin = plugin;
  }

  static Attribute ofPaths(List<JsonPath> paths) {
    return new Attribute(null, paths, null);
  }

  /** Reads what stands at a key; null where nothing does. */
  static Attribute from(ConfigSection section, String key, Text kind) {
    if (!section.has(key)) {
      return null;
    }
    if (section.isText(key)) {
      String text = section.text(key, EXPECTED);
      return kind == Text.PATH || text.startsWith("$")
          ? ofPaths(List.of(path(section, key, text)))
          : new Attribute(JsonNodeFactory.instance.textNode(text), List.of(), null);
    }
    if (section.isObject(key)) {
      return ofFields(section.section(key).allow("fields", "plugin"));
    }
    if (section.isList(key)) {
      return ofPaths(paths(section, key));
    }
    double number = section.number(key).orElseThrow();
    boolean isWhole = number == Math.rint(number) && Math.abs(number) < 1e15;
    return new Attribute(
        isWhole
            ? JsonNodeFactory.instance.numberNode((long) number)
            : JsonNodeFactory.instance.numberNode(number),
        List.of(),
        null);
  }

  /** Reads the keys {@code fields} and {@code plugin}; others are the caller's. */
  static Attribute ofFields(ConfigSection section) {
    return new Attribute(
        null, paths(section, "fields"), section.has("plugin") ? Plugin.from(section) : null);
  }

  private static List<JsonPath> paths(ConfigSection section, String key) {
    String expected = "a path, or a list of paths";
    List<String> texts =
        section.isText(key) ? List.of(section.text(key, expected)) : section.texts(key, expected);
    if (texts.isEmpty()) {
      throw new ConfigException(section.path(key), "[]", expected);
    }
    return texts.stream().map(text -> path(section, key, text)).toList();
  }

  static JsonPath path(ConfigSection section, String key, String text) {
    try {
      return JsonPath.parse(text);
    } catch (JsonPathException e) {
      throw new ConfigException(section.path(key), text, "a path: " + e.getMessage());
    }
  }

  /** Whether it can give several values, one for each that is found. */
  boolean canBeSeveral() {
    return literal == null && (plugin == null || plugin.isOneToOne());
  }

  boolean isLiteral() {
    return literal != null;
  }

  /**
   * The first value that is not null; a missing node where there is none.
   *
   * @param conversion takes what is to be remarked
   * @param origin what it is remarked of
   */
  JsonNode first(JsonNode root, Conversion conversion, String origin) {
    if (literal != null) {
      return literal;
    }
    if (plugin == null) {
      for (JsonPath path : paths) {
        JsonNode value = path.first(root);
        if (!value.isMissingNode()) {
          return value;
        }
      }
      return MissingNode.getInstance();
    }
    List<JsonNode> found = new ArrayList<>(all(paths, root));
    found.removeIf(JsonNode::isNull);
    for (JsonNode value : applied(root, found, conversion, origin)) {
      if (!value.isNull()) {
        return value;
      }
    }
    return MissingNode.getInstance();
  }

  /** All values, also null ones: each keeps its place among those of other attributes. */
  List<JsonNode> all(JsonNode root, Conversion conversion, String origin) {
    if (literal != null) {
      return List.of(literal);
    }
    List<JsonNode> found = all(paths, root);
    return plugin == null ? found : applied(root, found, conversion, origin);
  }

  private List<JsonNode> applied(
      JsonNode root, List<JsonNode> found, Conversion conversion, String origin) {
    return plugin.apply(root, found, why -> conversion.remark(origin + ": " + why));
  }

  private static List<JsonNode> all(List<JsonPath> paths, JsonNode root) {
    if (paths.size() == 1) {
      return paths.get(0).all(root);
    }
    List<JsonNode> found = new ArrayList<>();
    paths.forEach(path -> found.addAll(path.all(root)));
    return found;
  }

  /** As remarks show it. */
  @Override
  public String toString() {
    return literal != null
        ? literal.asText()
        : paths.stream().map(JsonPath::toString).collect(Collectors.joining(", "));
  }
}
