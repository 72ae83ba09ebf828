package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sonde.definition.Attribute.Text;
import io.sonde.jsonpath.JsonPathException;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Timestamps;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes samples of a meter, or of several, out of notifications of certain types.
 *
 * @param name as it is configured; definitions are told apart by it
 * @param attributes those that are given; the others have defaults
 * @param several the attributes that have a value for each sample; none for one sample
 * @param isFlat whether paths begin at the flat tree
 */
record MeterDefinition(
    String name,
    EventTypes types,
    Map<Field, Attribute> attributes,
    Set<Field> several,
    MetadataDefinition metadata,
    boolean isFlat) {

  /** An attribute of a sample that paths can find. */
  enum Field {
    NAME(Text.LITERAL),
    TYPE(Text.LITERAL),
    UNIT(Text.LITERAL),
    VOLUME(Text.PATH),
    RESOURCE_ID(Text.PATH),
    USER_ID(Text.PATH),
    PROJECT_ID(Text.PATH),
    TIMESTAMP(Text.PATH);

    private final Text kind;

    Field(Text kind) {
      this.kind = kind;
    }

    /** The key in the configuration. */
    String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Field ofKey(String key) {
      for (Field field : values()) {
        if (field.key().equals(key)) {
          return field;
        }
      }
      return null;
    }
  }

  private static final List<Field> REQUIRED =
      List.of(Field.NAME, Field.TYPE, Field.UNIT, Field.VOLUME, Field.RESOURCE_ID);

  /**
   * Reads a definition.
   *
   * @param same what is asked of metadata so far; takes what this one asks
   * @throws ConfigException when it is none
   */
  static MeterDefinition from(
      ConfigSection section, UserMetadata userMetadata, Map<Object, MetadataDefinition> same) {
    section.allow(
        "name",
        "event-type",
        "event-type-regex",
        "type",
        "unit",
        "volume",
        "resource-id",
        "user-id",
        "project-id",
        "timestamp",
        "metadata",
        "user-metadata",
        "lookup",
        "root");
    Map<Field, Attribute> attributes = new EnumMap<>(Field.class);
    for (Field field : Field.values()) {
      Attribute attribute = Attribute.from(section, field.key(), field.kind);
      if (attribute != null) {
        attributes.put(field, attribute);
      } else if (REQUIRED.contains(field)) {
        throw new ConfigException(section.path(field.key()), null, expected(field));
      }
    }
    Attribute type = attributes.get(Field.TYPE);
    if (type.isLiteral() && MeterType.ofWireName(type.toString()) == null) {
      throw new ConfigException(section.path("type"), type.toString(), expected(Field.TYPE));
    }
    boolean isFlat = isFlat(section);
    return new MeterDefinition(
        attributes.get(Field.NAME).toString(),
        EventTypes.from(section),
        attributes,
        several(section, attributes),
        metadata(section, userMetadata, isFlat, same),
        isFlat);
  }

  /** Definitions that ask for the same share one, so that it is asked once a notification. */
  private static MetadataDefinition metadata(
      ConfigSection section,
      UserMetadata userMetadata,
      boolean isFlat,
      Map<Object, MetadataDefinition> same) {
    List<Object> asked =
        List.of(
            section.section("metadata").tree(),
            Optional.ofNullable(section.shown("user-metadata")),
            isFlat);
    MetadataDefinition known = same.get(asked);
    if (known == null) {
      known = MetadataDefinition.from(section, userMetadata, isFlat);
      same.put(asked, known);
    }
    return known;
  }

  private static String expected(Field field) {
    return switch (field) {
      case NAME -> "the name of a meter, or a path";
      case TYPE -> "gauge, delta, cumulative or a path";
      case UNIT -> "a unit, or a path";
      case VOLUME -> "a path, or a number";
      default -> "a path";
    };
  }

  /** Reads the key {@code root}. */
  static boolean isFlat(ConfigSection section) {
    String root = section.text("root").orElse("nested");
    return switch (root) {
      case "nested" -> false;
      case "flat" -> true;
      default -> throw new ConfigException(section.path("root"), root, "nested or flat");
    };
  }

  private static Set<Field> several(ConfigSection section, Map<Field, Attribute> attributes) {
    if (!section.has("lookup")) {
      return Set.of();
    }
    String expected = "a key of this definition, or a list of such keys";
    List<String> keys =
        section.isText("lookup")
            ? List.of(section.text("lookup", expected))
            : section.texts("lookup", expected);
    Set<Field> several = new TreeSet<>();
    for (String key : keys) {
      Field field = Field.ofKey(key);
      if (field == null || !attributes.containsKey(field)) {
        throw new ConfigException(section.path("lookup"), key, expected);
      }
      if (!attributes.get(field).canBeSeveral()) {
        throw new ConfigException(
            section.path(key), section.shown(key), "of use in lookup: it gives one value only");
      }
      several.add(field);
    }
    Attribute name = attributes.get(Field.NAME);
    if (!several.isEmpty() && !name.isLiteral()) {
      several.add(Field.NAME);
    }
    return several;
  }

  /** Makes the samples of a notification, and remarks what is missing. */
  void convert(Conversion conversion) {
    String origin = "meter " + name;
    try {
      if (several.isEmpty()) {
        convertOne(conversion, origin);
      } else {
        convertSeveral(conversion, origin);
      }
    } catch (JsonPathException e) {
      conversion.remark(origin + ": " + e.getMessage());
    }
  }

  private JsonNode root(Conversion conversion) {
    return isFlat ? conversion.notification().flatTree() : conversion.notification().tree();
  }

  private void convertOne(Conversion conversion, String origin) {
    JsonNode root = root(conversion);
    Map<Field, JsonNode> values = new EnumMap<>(Field.class);
    for (Map.Entry<Field, Attribute> attribute : attributes.entrySet()) {
      values.put(attribute.getKey(), attribute.getValue().first(root, conversion, origin));
    }
    add(conversion, origin, 0, values);
  }

  /**
   * Each value of an attribute in {@code lookup} goes with the values of the others at its place;
   * what is not in it has as many too, or is the same for all.
   */
  private void convertSeveral(Conversion conversion, String origin) {
    JsonNode root = root(conversion);
    Map<Field, List<JsonNode>> found = new EnumMap<>(Field.class);
    for (Map.Entry<Field, Attribute> attribute : attributes.entrySet()) {
      found.put(attribute.getKey(), attribute.getValue().all(root, conversion, origin));
    }
    Field counted = several.iterator().next();
    int count = found.get(counted).size();
    for (Map.Entry<Field, List<JsonNode>> values : found.entrySet()) {
      Field field = values.getKey();
      int size = values.getValue().size();
      boolean isShared = size <= 1 && !several.contains(field);
      if (size != count && !isShared) {
        conversion.remark(
            String.format(
                "%s: %s has %d values and %s has %d: they cannot be matched",
                origin, field.key(), size, counted.key(), count));
        return;
      }
    }
    if (count == 0) {
      conversion.remark(
          origin + ": " + counted.key() + ": nothing is found at " + attributes.get(counted));
    }
    for (int i = 0; i < count; i++) {
      Map<Field, JsonNode> values = new EnumMap<>(Field.class);
      for (Map.Entry<Field, List<JsonNode>> all : found.entrySet()) {
        List<JsonNode> list = all.getValue();
        int place = several.contains(all.getKey()) || list.size() == count ? i : 0;
        values.put(all.getKey(), list.isEmpty() ? MissingNode.getInstance() : list.get(place));
      }
      add(conversion, count == 1 ? origin : origin + "[" + i + "]", i, values);
    }
  }

  private void add(Conversion conversion, String origin, int index, Map<Field, JsonNode> values) {
    List<String> texts = new ArrayList<>(4);
    for (Field field : REQUIRED) {
      JsonNode value = values.get(field);
      if (field == Field.VOLUME ? Values.isAbsent(value) : Values.text(value) == null) {
        conversion.remark(
            origin
                + ": "
                + field.key()
                + (Values.isAbsent(value)
                    ? ": nothing is found at " + attributes.get(field)
                    : ": a text is expected, found " + Values.shown(value)));
        return;
      }
      texts.add(Values.text(value));
    }
    MeterType type = MeterType.ofWireName(texts.get(1));
    if (type == null) {
      conversion.remark(
          origin + ": type: gauge, delta or cumulative is expected, found " + texts.get(1));
      return;
    }
    Long timestamp = timestamp(conversion, origin, values.get(Field.TIMESTAMP));
    if (timestamp == null) {
      return;
    }
    String user = Values.text(values.get(Field.USER_ID));
    String project = Values.text(values.get(Field.PROJECT_ID));
    conversion.add(
        "meter " + name,
        index,
        texts.get(0),
        type,
        texts.get(2),
        values.get(Field.VOLUME),
        texts.get(4),
        user == null ? conversion.user() : user,
        project == null ? conversion.project() : project,
        timestamp,
        conversion.metadata(origin, metadata));
  }

  /** Null, and a remark, when there is one that cannot be read. */
  private static Long timestamp(Conversion conversion, String origin, JsonNode value) {
    if (Values.isAbsent(value)) {
      return conversion.notification().timestamp();
    }
    try {
      return Timestamps.parse(value.isTextual() ? value.textValue().strip() : "");
    } catch (IllegalArgumentException e) {
      conversion.remark(
          origin + ": timestamp: a date and a time is expected, found " + Values.shown(value));
      return null;
    }
  }
}
