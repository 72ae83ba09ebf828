package io.sonde.dynamic;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.NameFilter;
import io.sonde.model.PythonText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pollster that an operator defines: a question, and what the entries of the answer become.
 *
 * @param name of the meter, or what it begins with where {@code values} tells several
 * @param values where the value of an entry is, or of each metric of it
 * @param owner where user, project and resource are
 * @param metadata where what is kept of an entry is, by the names it is kept under
 * @param extras what more is asked for an entry
 * @param isNotEnriched entries for which that is not asked: those that have one of these as a part
 */
record PollsterDefinition(
    String name,
    MeterType type,
    String unit,
    Question question,
    Values values,
    Owner owner,
    Map<String, ValuePath> metadata,
    List<ExtraMetadata> extras,
    List<Map<?, ?>> isNotEnriched) {
  private static final Pattern NAME = Pattern.compile("[\\w-]+(\\.[\\w-]+)*(\\.\\{([\\w-]+)\\})?");
  private static final int NAMING = 3;
  private static final Pattern METRICS = Pattern.compile("\\[(\\w+)\\]\\.(.+)");
  private static final int DEFAULT_CACHE_SECONDS = 3600;
  private static final int LONGEST_CACHE_SECONDS = 31 * 24 * 3600;
  private static final String CACHE = "extra-metadata-fields-cache-seconds";

  private static final List<String> KEYS =
      List.of(
          "name",
          "sample-type",
          "unit",
          "value-attribute",
          "metadata-fields",
          "metadata-mapping",
          "preserve-mapped-metadata",
          "skip-sample-values",
          "value-mapping",
          "default-value",
          "user-id-attribute",
          "project-id-attribute",
          "resource-id-attribute",
          "extra-metadata-fields",
          "extra-metadata-fields-skip",
          CACHE);

  /**
   * Where values are, and what they become.
   *
   * @param metrics key of an entry's list of metrics; null where the entry has one value
   * @param naming key of a metric by whose value it is named; null where the entry has one value
   * @param path within the entry, or within a metric
   * @param skipped values as texts, and names of metrics, that make no sample
   * @param mapping numbers by values as texts; empty: values are numbers by themselves
   * @param absent of a value that the mapping does not have
   */
  record Values(
      String metrics,
      String naming,
      ValuePath path,
      Set<String> skipped,
      Map<String, Double> mapping,
      double absent) {}

  /**
   * Who and what is measured; each is a path.
   *
   * @param isGiven of those of the three that the definition names: what they say must be there
   */
  record Owner(ValuePath user, ValuePath project, ValuePath resource, Set<ValuePath> isGiven) {
    private static Owner from(ConfigSection section) {
      Set<ValuePath> given = new HashSet<>();
      return new Owner(
          path(section, "user-id-attribute", "user_id", given),
          path(section, "project-id-attribute", "project_id", given),
          path(section, "resource-id-attribute", "id", given),
          given);
    }

    private static ValuePath path(
        ConfigSection section, String key, String absent, Set<ValuePath> given) {
      ValuePath path = Question.path(section, key);
      if (path == null) {
        return ValuePath.parse(absent, section.path(key));
      }
      given.add(path);
      return path;
    }
  }

  /**
   * What more is asked for an entry, to be kept as metadata.
   *
   * @param name of the value among the metadata
   * @param value where it is in the answer
   * @param mapping as of a definition; empty for none
   * @param cacheSeconds how long an answer is used; 0: not again
   */
  record ExtraMetadata(
      String name,
      Question question,
      ValuePath value,
      Map<String, Object> mapping,
      Map<String, ValuePath> metadata,
      int cacheSeconds) {}

  /**
   * Reads a definition.
   *
   * @throws ConfigException naming path, value and what was expected
   */
  static PollsterDefinition from(ConfigSection section, boolean allowsCommands) {
    allow(section, KEYS);
    String name = section.text("name", "the name of a meter");
    Matcher naming = NAME.matcher(name);
    if (!naming.matches()) {
      throw new ConfigException(
          section.path("name"), name, "a name such as a.b, or a.b.{key} for one by that key");
    }
    String type = section.text("sample-type", "gauge, delta or cumulative");
    MeterType meterType = MeterType.ofWireName(type);
    if (meterType == null) {
      throw new ConfigException(section.path("sample-type"), type, "gauge, delta or cumulative");
    }
    Question question = Question.from(section, allowsCommands, null);
    int cacheSeconds = cacheSeconds(section, DEFAULT_CACHE_SECONDS);
    Values values = values(section, naming.group(NAMING));
    List<ExtraMetadata> extras = new ArrayList<>();
    for (ConfigSection extra : extraSections(section)) {
      extras.add(extra(extra, question, values, allowsCommands, cacheSeconds));
    }
    return new PollsterDefinition(
        name.replaceFirst("\\{.*", ""),
        meterType,
        section.text("unit").orElseThrow(() -> missing(section, "unit", "a unit, perhaps \"\"")),
        question,
        values,
        Owner.from(section),
        metadata(section),
        List.copyOf(extras),
        skips(section));
  }

  private static void allow(ConfigSection section, List<String> keys) {
    List<String> all = new ArrayList<>(keys);
    all.addAll(Question.KEYS);
    section.allow(all.toArray(String[]::new));
  }

  private static ConfigException missing(ConfigSection section, String key, String expected) {
    return new ConfigException(section.path(key), null, expected);
  }

  private static int cacheSeconds(ConfigSection section, int absent) {
    return section.has(CACHE) ? section.integer(CACHE, 0, LONGEST_CACHE_SECONDS) : absent;
  }

  private static Values values(ConfigSection section, String naming) {
    String text = section.text("value-attribute", "where the value is");
    String path = section.path("value-attribute");
    String metrics = null;
    if (naming != null) {
      Matcher several = METRICS.matcher(text);
      if (!several.matches()) {
        throw new ConfigException(
            path, text, "of the form [list].key, which a name with {" + naming + "} needs");
      }
      metrics = several.group(1);
      text = several.group(2);
    }
    Map<String, Double> mapping = new LinkedHashMap<>();
    ConfigSection mapped = section.section("value-mapping");
    for (String value : mapped.tree().keySet()) {
      mapping.put(
          value, mapped.decimal(value).orElseThrow(() -> missing(mapped, value, "a number")));
    }
    return new Values(
        metrics,
        naming,
        ValuePath.parse(text, path),
        skipped(section),
        Map.copyOf(mapping),
        section.decimal("default-value").orElse(-1.0));
  }

  private static Set<String> skipped(ConfigSection section) {
    Object skipped = section.tree().get("skip-sample-values");
    if (skipped == null) {
      return Set.of();
    }
    if (!(skipped instanceof List<?> values)
        || values.stream().anyMatch(each -> each instanceof List || each instanceof Map)) {
      throw new ConfigException(
          section.path("skip-sample-values"),
          section.shown("skip-sample-values"),
          "a list of values");
    }
    Set<String> texts = new HashSet<>();
    values.forEach(value -> texts.add(PythonText.str(value)));
    return Set.copyOf(texts);
  }

  /** Kept under the path as it is written, under what that is mapped to, or under both. */
  private static Map<String, ValuePath> metadata(ConfigSection section) {
    ConfigSection mapping = section.section("metadata-mapping");
    boolean keepsBoth = section.flag("preserve-mapped-metadata", true);
    Map<String, ValuePath> metadata = new LinkedHashMap<>();
    List<String> fields =
        section.isText("metadata-fields")
            ? List.of(section.text("metadata-fields", "a path"))
            : section.has("metadata-fields")
                ? section.texts("metadata-fields", "a list of paths")
                : List.of();
    for (int i = 0; i < fields.size(); i++) {
      String field = fields.get(i);
      ValuePath path = ValuePath.parse(field, section.path("metadata-fields") + "[" + i + "]");
      String mapped = mapping.text(field).orElse(null);
      if (mapped == null || keepsBoth) {
        metadata.putIfAbsent(field, path);
      }
      if (mapped != null) {
        metadata.put(mapped, path);
      }
    }
    for (String name : mapping.tree().keySet()) {
      if (!fields.contains(name)) {
        throw new ConfigException(
            mapping.path(name), mapping.shown(name), "of one of the metadata-fields");
      }
    }
    return Collections.unmodifiableMap(metadata);
  }

  private static List<ConfigSection> extraSections(ConfigSection section) {
    String key = "extra-metadata-fields";
    return section.isObject(key)
        ? List.of(section.section(key))
        : section.has(key) ? section.sections(key, "definitions of metadata") : List.of();
  }

  private static ExtraMetadata extra(
      ConfigSection section,
      Question parent,
      Values parentValues,
      boolean allowsCommands,
      int cacheSeconds) {
    allow(
        section,
        List.of(
            "name",
            "value",
            "value-attribute",
            "value-mapping",
            "default-value",
            "metadata-fields",
            "metadata-mapping",
            "preserve-mapped-metadata",
            CACHE));
    String key = section.has("value") ? "value" : "value-attribute";
    Map<String, Object> mapping = new HashMap<>(section.section("value-mapping").tree());
    if (!mapping.isEmpty()) {
      mapping.put(null, section.has("default-value") ? section.tree().get("default-value") : -1);
    }
    return new ExtraMetadata(
        section.text("name", "the name of the metadata"),
        Question.from(section, allowsCommands, parent),
        section.has(key)
            ? ValuePath.parse(section.text(key, "where the value is"), section.path(key))
            : parentValues.path(),
        mapping,
        metadata(section),
        cacheSeconds(section, cacheSeconds));
  }

  private static List<Map<?, ?>> skips(ConfigSection section) {
    String key = "extra-metadata-fields-skip";
    List<Map<?, ?>> skips = new ArrayList<>();
    if (section.isObject(key)) {
      skips.add(section.section(key).tree());
    } else if (section.has(key)) {
      section.sections(key, "a list of objects").forEach(each -> skips.add(each.tree()));
    }
    skips.removeIf(Map::isEmpty);
    return List.copyOf(skips);
  }

  /** The name as it is defined. */
  String title() {
    return values.naming() == null ? name : name + "{" + values.naming() + "}";
  }

  /** Whether its value is not in the answer, but in what more is asked. */
  boolean isOfExtras() {
    return values.path().toString().startsWith(AddressFormula.CAPTURED + ".");
  }

  /** Whether a filter may take a sample of it. */
  boolean mayPass(NameFilter meters) {
    if (values.naming() == null) {
      return meters.matches(name);
    }
    List<String> inclusions =
        meters.patterns().stream().filter(pattern -> !pattern.startsWith("!")).toList();
    return inclusions.isEmpty()
        || inclusions.stream()
            .map(pattern -> pattern.split("[*?\\[]", 2)[0])
            .anyMatch(begin -> begin.startsWith(name) || name.startsWith(begin));
  }
}
