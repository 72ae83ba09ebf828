package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sonde.jsonpath.JsonPath;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Makes other values of those that paths have found. */
interface Plugin {
  /**
   * The values that take the place of those found.
   *
   * @param values found ones, without nulls
   * @param remark takes why there is nothing
   */
  List<JsonNode> apply(JsonNode root, List<JsonNode> values, Consumer<String> remark);

  /** Whether each value gives one, so that it can be used where there are several. */
  boolean isOneToOne();

  /**
   * Reads the key {@code plugin}: a name, or an object with a name and parameters.
   *
   * @throws ConfigException when there is no such plugin
   */
  static Plugin from(ConfigSection section) {
    String expected = "one of split, timedelta, bitfield and map";
    boolean isName = section.isText("plugin");
    ConfigSection parameters = section.section(isName ? "no parameters" : "plugin");
    String name = isName ? section.text("plugin", expected) : parameters.text("name", expected);
    return switch (name) {
      case "split" -> Split.from(parameters);
      case "timedelta" -> Timedelta.from(parameters);
      case "bitfield" -> Bitfield.from(parameters);
      case "map" -> Mapping.from(parameters);
      default ->
          throw new ConfigException(
              isName ? section.path("plugin") : parameters.path("name"), name, expected);
    };
  }

  /** One part of each text. */
  record Split(String separator, int segment, int most) implements Plugin {
    static Split from(ConfigSection section) {
      section.allow("name", "separator", "segment", "max-split");
      String separator = section.text("separator").orElse(".");
      if (separator.isEmpty()) {
        throw new ConfigException(section.path("separator"), "", "a text to cut at");
      }
      return new Split(
          separator,
          section.has("segment") ? section.integer("segment", -1_000, 1_000) : 0,
          section.has("max-split") ? section.integer("max-split", 0, 1_000) : -1);
    }

    @Override
    public List<JsonNode> apply(JsonNode root, List<JsonNode> values, Consumer<String> remark) {
      return values.stream().map(this::part).toList();
    }

    private JsonNode part(JsonNode value) {
      String[] parts = value.asText().split(Pattern.quote(separator), most < 0 ? -1 : most + 1);
      int i = segment < 0 ? parts.length + segment : segment;
      return i >= 0 && i < parts.length
          ? JsonNodeFactory.instance.textNode(parts[i])
          : JsonNodeFactory.instance.nullNode();
    }

    @Override
    public boolean isOneToOne() {
      return true;
    }
  }

  /** The seconds between two times, whichever is first. */
  record Timedelta() implements Plugin {
    private static final double SECOND = 1e6;

    static Timedelta from(ConfigSection section) {
      section.allow("name");
      return new Timedelta();
    }

    @Override
    public List<JsonNode> apply(JsonNode root, List<JsonNode> values, Consumer<String> remark) {
      if (values.size() != 2) {
        remark.accept("timedelta: two times are expected, found " + values.size());
        return List.of();
      }
      try {
        long micros = time(values.get(0)) - time(values.get(1));
        return List.of(JsonNodeFactory.instance.numberNode(Math.abs(micros) / SECOND));
      } catch (IllegalArgumentException e) {
        remark.accept("timedelta: two times are expected, found " + values);
        return List.of();
      }
    }

    private static long time(JsonNode value) {
      return Timestamps.parse(value.isTextual() ? value.textValue().strip() : "");
    }

    @Override
    public boolean isOneToOne() {
      return false;
    }
  }

  /** A number of which each flag that holds sets a bit. */
  record Bitfield(long initial, List<Flag> flags) implements Plugin {
    /**
     * @param value what must be found; null when it is enough that something is
     */
    record Flag(JsonPath path, long bit, String value) {
      boolean holds(JsonNode root) {
        return path.all(root).stream()
            .anyMatch(found -> !found.isNull() && (value == null || value.equals(found.asText())));
      }
    }

    static Bitfield from(ConfigSection section) {
      section.allow("name", "initial-bitfield", "flags");
      List<Flag> flags = new ArrayList<>();
      for (ConfigSection flag : section.sections("flags", "a list of { path, bit, value }")) {
        flag.allow("path", "bit", "value");
        flags.add(
            new Flag(
                Attribute.path(flag, "path", flag.text("path", "a path")),
                1L << flag.integer("bit", 0, 62),
                flag.text("value").orElse(null)));
      }
      return new Bitfield(
          section.has("initial-bitfield")
              ? section.integer("initial-bitfield", 0, Integer.MAX_VALUE)
              : 0,
          List.copyOf(flags));
    }

    @Override
    public List<JsonNode> apply(JsonNode root, List<JsonNode> values, Consumer<String> remark) {
      long bits = initial;
      for (Flag flag : flags) {
        bits |= flag.holds(root) ? flag.bit() : 0;
      }
      return List.of(JsonNodeFactory.instance.numberNode(bits));
    }

    @Override
    public boolean isOneToOne() {
      return false;
    }
  }

  /**
   * For each value the one that a table has.
   *
   * @param absent for values that the table has not; null for none
   */
  record Mapping(Map<String, JsonNode> table, JsonNode absent, boolean isCaseSensitive)
      implements Plugin {
    static Mapping from(ConfigSection section) {
      section.allow("name", "values", "default", "case-sensitive");
      boolean isCaseSensitive = section.flag("case-sensitive", true);
      Map<String, JsonNode> table = new TreeMap<>();
      section
          .section("values")
          .tree()
          .forEach((key, value) -> table.put(key(key, isCaseSensitive), node(value)));
      if (table.isEmpty()) {
        throw new ConfigException(section.path("values"), null, "an object with values");
      }
      Object absent = section.tree().get("default");
      return new Mapping(table, node(absent), isCaseSensitive);
    }

    private static String key(String text, boolean isCaseSensitive) {
      return isCaseSensitive ? text : text.toLowerCase(Locale.ROOT);
    }

    private static JsonNode node(Object value) {
      JsonNodeFactory nodes = JsonNodeFactory.instance;
      if (value instanceof Number number) {
        return number instanceof Double
            ? nodes.numberNode(number.doubleValue())
            : nodes.numberNode(number.longValue());
      }
      if (value instanceof Boolean truth) {
        return nodes.booleanNode(truth);
      }
      return value == null ? nodes.nullNode() : nodes.textNode(value.toString());
    }

    @Override
    public List<JsonNode> apply(JsonNode root, List<JsonNode> values, Consumer<String> remark) {
      List<JsonNode> mapped = new ArrayList<>(values.size());
      for (JsonNode value : values) {
        JsonNode found = table.get(key(value.asText(), isCaseSensitive));
        if (found == null) {
          remark.accept("map: no value for " + value);
        }
        mapped.add(found == null ? absent : found);
      }
      return mapped;
    }

    @Override
    public boolean isOneToOne() {
      return true;
    }
  }
}
