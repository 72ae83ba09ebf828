package io.sonde.ceilometer;

import io.sonde.publish.Publishers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Translates the steps of a sink. Names of steps and parameters are the same; what Ceilometer
 * ignores is left out, since Sonde refuses what it does not know, and where Ceilometer is wrong a
 * note says what differs.
 */
final class TransformerTranslation {
  private static final String PATH = "transformers[0].";

  private final Release release;
  private final SinkCheck check;
  private final Remarks remarks;

  TransformerTranslation(Release release, SinkCheck check, Remarks remarks) {
    this.release = release;
    this.check = check;
    this.remarks = remarks;
  }

  /**
   * Adds a step.
   *
   * @param steps those before it, of the form {@code { name, parameters }}
   * @return false when it cannot be carried over, which is said
   */
  boolean translate(YamlValue entry, List<Map<String, Object>> steps) {
    Map<String, YamlValue> keys = entry.map("a transformer { name, parameters }");
    if (!keys.containsKey("name")) {
      throw entry.refusal("Required field name not specified");
    }
    if (!keys.containsKey("parameters")) {
      throw entry.refusal("expected the key parameters, which may be null");
    }
    String name = keys.get("name").text("the name of a transformer");
    int saidBefore = remarks.count();
    if (release == Release.CURRENT) {
      remarks.note(entry, "Ceilometer ignores transformers since Stein; here " + name + " works");
    }
    YamlValue given = keys.get("parameters");
    Parameters parameters = new Parameters(given.isNull() ? null : given);
    Map<String, Object> translated =
        switch (name) {
          case "unit_conversion" -> parameters.conversion();
          case "rate_of_change" -> rateOfChange(parameters);
          case "delta" -> delta(parameters);
          case "accumulator" -> accumulator(entry, parameters);
          case "aggregator" -> aggregator(entry, parameters);
          case "arithmetic" -> arithmetic(entry, parameters);
          default -> parameters.asTheyAre();
        };
    parameters.noteOthers();
    if (translated == null) {
      return true;
    }
    Map<String, Object> step = new LinkedHashMap<>();
    step.put("name", name);
    if (!translated.isEmpty()) {
      step.put("parameters", translated);
    }
    String refusal =
        check
            .refusal(
                Map.of(
                    "name", "sink",
                    "transformers", List.of(step),
                    "publishers", List.of(Publishers.COLLECTOR)))
            .orElse(null);
    if (refusal != null) {
      remarks.withoutNotesSince(saidBefore);
      remarks.lost(
          entry,
          "the transformer "
              + name
              + " is not taken: "
              + refusal.replace(PATH + "parameters.", "").replace(PATH, ""));
      return false;
    }
    steps.add(step);
    return true;
  }

  private Map<String, Object> rateOfChange(Parameters parameters) {
    YamlValue scale = parameters.target.get("scale");
    if (scale != null && scale.scalar() instanceof Number) {
      remarks.note(
          scale, "the number multiplies the rate once; there, the volume was multiplied in too");
    }
    YamlValue unit = parameters.source.get("unit");
    if (unit != null) {
      remarks.note(unit, "samples of another unit have no rate");
    }
    return parameters.conversion();
  }

  private Map<String, Object> delta(Parameters parameters) {
    YamlValue growthOnly = parameters.top("growth_only");
    Map<String, Object> tree = new LinkedHashMap<>(parameters.renaming());
    if (growthOnly != null && growthOnly.isTruthy()) {
      tree.put("growth_only", true);
      remarks.note(
          growthOnly, "what a counter shows after a reset counts as growth; there, it was lost");
    }
    return tree;
  }

  /** Null where it holds nothing, and so is no step at all. */
  private Map<String, Object> accumulator(YamlValue entry, Parameters parameters) {
    YamlValue size = parameters.top("size");
    Object number = size == null ? Integer.valueOf(1) : number(size);
    if (number instanceof Number count && count.doubleValue() < 1) {
      remarks.note(entry, "an accumulator of size " + number + " holds nothing: it is left out");
      return null;
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("size", number);
    return tree;
  }

  private Map<String, Object> aggregator(YamlValue entry, Parameters parameters) {
    Map<String, Object> tree = new LinkedHashMap<>(parameters.conversion());
    YamlValue size = parameters.top("size");
    YamlValue retention = parameters.top("retention_time");
    boolean isTimed = retention != null && isNumberAboveZero(retention);
    boolean isCounted = size == null ? !isTimed : isNumberAboveZero(size);
    if (isCounted || !isTimed) {
      tree.put("size", isCounted && size != null ? number(size) : Integer.valueOf(1));
      noteSize(entry, isCounted ? size : null);
    }
    if (isTimed) {
      tree.put("retention_time", number(retention));
      remarks.note(
          retention,
          size == null
              ? "a window ends so long after it began, by the clock; there, without a size, each"
                  + " message ended it"
              : "time is that of the clock, since the window began; there, it was the age of its"
                  + " first sample, looked at when a message came");
    }
    policy(parameters, "timestamp", "first", tree, "first", "last");
    policy(parameters, "user_id", "last", tree, "first", "last");
    policy(parameters, "project_id", "last", tree, "first", "last");
    policy(parameters, "resource_metadata", "last", tree, "last", "first", "drop");
    if (parameters.renames()) {
      remarks.note(entry, "renamed gauges are averaged; there, they ended in a division by zero");
    }
    return tree;
  }

  private void noteSize(YamlValue entry, YamlValue size) {
    boolean isAboveOne =
        size != null && number(size) instanceof Number number && number.doubleValue() > 1;
    remarks.note(
        size == null ? entry : size,
        isAboveOne
            ? "samples are counted by meter and resource; there, all of a worker together, and"
                + " everything was handed on after the message that reached the size"
            : "each sample is handed on by itself; there, those of one message were aggregated");
  }

  private void policy(
      Parameters parameters,
      String key,
      String otherwise,
      Map<String, Object> tree,
      String... known) {
    YamlValue value = parameters.top(key);
    if (value == null) {
      return;
    }
    String policy = value.text("a text");
    if (!Set.of(known).contains(policy)) {
      remarks.note(value, key + " \"" + policy + "\" counts as " + otherwise + ", as there");
      policy = otherwise;
    }
    tree.put(key, policy);
  }

  private Map<String, Object> arithmetic(YamlValue entry, Parameters parameters) {
    YamlValue expression = parameters.target.get("expr");
    Map<String, Object> target = new LinkedHashMap<>();
    parameters.copy(parameters.target, target, "name", "unit", "type", "expr");
    if (expression != null && expression.isText() && expression.text("").contains("/")) {
      remarks.note(
          expression, "/ divides exactly; there, with Python 2, whole numbers gave whole ones");
    }
    remarks.note(
        entry,
        "a result has the time of its own resource's samples; there, of the last sample of any"
            + " resource");
    return target.isEmpty() ? Map.of() : Map.of("target", target);
  }

  private static boolean isNumberAboveZero(YamlValue value) {
    return !(number(value) instanceof Number number) || number.doubleValue() > 0;
  }

  /** A number, also where it is written as text; what is none as it stands. */
  private static Object number(YamlValue value) {
    Object scalar = value.scalar();
    if (scalar instanceof String text && text.matches("\\s*[-+]?\\d{1,15}\\s*")) {
      return Long.valueOf(text.strip());
    }
    if (scalar instanceof String text && text.matches("\\s*[-+]?\\d{1,15}\\.\\d*\\s*")) {
      return Double.valueOf(text.strip());
    }
    if (scalar == null) {
      throw value.error("a number");
    }
    return value.tree();
  }

  /** The parameters of one step, and which of them are read. */
  private final class Parameters {
    private final YamlValue given;
    private final Map<String, YamlValue> top;
    private final Map<String, YamlValue> source;
    private final Map<String, YamlValue> target;
    private final Map<String, YamlValue> mapFrom;
    private final Map<String, YamlValue> mapTo;
    private boolean hasName;

    Parameters(YamlValue given) {
      this.given = given;
      top = given == null ? new LinkedHashMap<>() : given.map("a map of parameters");
      source = part(top, "source");
      target = part(top, "target");
      mapFrom = part(source, "map_from");
      mapTo = part(target, "map_to");
    }

    /** Takes a map out; what is left at the end is read by nobody. */
    private static Map<String, YamlValue> part(Map<String, YamlValue> of, String key) {
      YamlValue value = of.get(key);
      if (value == null || value.isNull()) {
        of.remove(key);
        return new LinkedHashMap<>();
      }
      return value.isMap() ? of.remove(key).map("a map") : new LinkedHashMap<>();
    }

    /** Takes a parameter out; null where it is not given. */
    YamlValue top(String key) {
      YamlValue value = top.remove(key);
      return value == null || value.isNull() ? null : value;
    }

    /** All that conversions read. */
    Map<String, Object> conversion() {
      Map<String, Object> from = new LinkedHashMap<>();
      Map<String, Object> to = new LinkedHashMap<>();
      mapping("name", from, to);
      mapping("unit", from, to);
      Map<String, Object> sourceTree = new LinkedHashMap<>();
      Map<String, Object> targetTree = new LinkedHashMap<>();
      copy(source, sourceTree, "unit");
      copy(target, targetTree, "name", "unit", "type");
      YamlValue scale = target.remove("scale");
      if (scale != null && scale.isTruthy()) {
        targetTree.put("scale", scale.tree());
      } else if (scale != null && !scale.isNull()) {
        remarks.note(scale, "this scale is none, and left out");
      }
      YamlValue max = target.remove("max");
      if (max != null && max.isTruthy()) {
        targetTree.put("max", number(max));
      }
      return sections(sourceTree, from, targetTree, to);
    }

    /** All that a delta reads of them. */
    Map<String, Object> renaming() {
      Map<String, Object> from = new LinkedHashMap<>();
      Map<String, Object> to = new LinkedHashMap<>();
      mapping("name", from, to);
      Map<String, Object> targetTree = new LinkedHashMap<>();
      copy(target, targetTree, "name");
      return sections(new LinkedHashMap<>(), from, targetTree, to);
    }

    private static Map<String, Object> sections(
        Map<String, Object> sourceTree,
        Map<String, Object> from,
        Map<String, Object> targetTree,
        Map<String, Object> to) {
      Map<String, Object> tree = new LinkedHashMap<>();
      if (!from.isEmpty()) {
        sourceTree.put("map_from", from);
        targetTree.put("map_to", to);
      }
      if (!sourceTree.isEmpty()) {
        tree.put("source", sourceTree);
      }
      if (!targetTree.isEmpty()) {
        tree.put("target", targetTree);
      }
      return tree;
    }

    private void mapping(String key, Map<String, Object> from, Map<String, Object> to) {
      YamlValue pattern = mapFrom.remove(key);
      YamlValue replacement = mapTo.remove(key);
      if (pattern != null && replacement != null) {
        from.put(key, pattern.text("a regular expression"));
        to.put(key, replacement.text("a replacement"));
        hasName |= key.equals("name");
      } else if (pattern != null || replacement != null) {
        remarks.note(
            pattern == null ? replacement : pattern,
            "only one of map_from." + key + " and map_to." + key + " is given: neither works");
      }
    }

    /** Those of a transformer that is not Ceilometer's own: all of them. */
    @SuppressWarnings("unchecked")
    Map<String, Object> asTheyAre() {
      List.of(top, source, target, mapFrom, mapTo).forEach(Map::clear);
      return given == null ? Map.of() : (Map<String, Object>) given.tree();
    }

    /** Whether a name was given. */
    boolean renames() {
      return hasName;
    }

    /** Takes texts out of a section. */
    void copy(Map<String, YamlValue> section, Map<String, Object> tree, String... keys) {
      for (String key : keys) {
        YamlValue value = section.remove(key);
        if (value != null && !value.isNull()) {
          tree.put(key, value.text("a text"));
          hasName |= key.equals("name");
        }
      }
    }

    void noteOthers() {
      noteOthers("", top);
      noteOthers("source.", source);
      noteOthers("source.map_from.", mapFrom);
      noteOthers("target.", target);
      noteOthers("target.map_to.", mapTo);
    }

    private void noteOthers(String prefix, Map<String, YamlValue> left) {
      left.forEach(
          (key, value) ->
              remarks.note(value, prefix + key + " is left out: Ceilometer does not read it here"));
    }
  }
}
