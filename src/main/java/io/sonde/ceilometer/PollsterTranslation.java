package io.sonde.ceilometer;

import io.sonde.ceilometer.Pipes.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Translates dynamic pollsters. */
final class PollsterTranslation {
  private static final Set<String> TYPES = Set.of("gauge", "delta", "cumulative");
  private static final Pattern NAME = Pattern.compile("([\\w-]+)(\\.[\\w-]+)*(\\.\\{[\\w-]+\\})?");
  private static final Set<String> LOCAL_NAMESPACES = Set.of("compute", "ipmi");
  private static final String EXTRAS = "extra-metadata-fields";

  private final PollingCheck check;
  private final Remarks remarks;
  private final List<Block> blocks = new ArrayList<>();

  /** The discoveries of those that were carried over, by their names; null of one that was not. */
  private final Map<String, String> discoveries = new LinkedHashMap<>();

  PollsterTranslation(PollingCheck check, Remarks remarks) {
    this.check = check;
    this.remarks = remarks;
  }

  /** Definitions as in {@code sonde.polling.pollsters.dynamic.definitions}. */
  List<Block> blocks() {
    return blocks;
  }

  /** The discoveries of all definitions, by names; null of those that are lost. */
  Map<String, String> discoveries() {
    Map<String, String> all = new LinkedHashMap<>(check.definitions());
    discoveries.forEach(all::putIfAbsent);
    return all;
  }

  /** Reads a file of dynamic pollsters. Of a name the first definition counts. */
  void read(YamlValue root) {
    for (YamlValue entry : root.list("a list of definitions")) {
      Map<String, YamlValue> keys = entry.map("a definition, a map");
      String why = refusal(keys);
      if (why != null) {
        remarks.lost(entry, "Ceilometer skips this pollster: " + why);
        continue;
      }
      String name = keys.get("name").text("a name");
      if (discoveries.containsKey(name)) {
        remarks.note(entry, "the pollster " + name + " has another definition, which counts");
      } else {
        discoveries.put(name, null);
        translate(entry, name, keys);
      }
    }
  }

  private static String refusal(Map<String, YamlValue> keys) {
    List<String> required =
        new ArrayList<>(List.of("name", "sample_type", "unit", "value_attribute"));
    if (keys.containsKey("module")) {
      required.addAll(List.of("url_path", "authentication_object"));
    } else if (!keys.containsKey("host_command")) {
      required.addAll(List.of("url_path", "endpoint_type"));
    }
    List<String> missing =
        required.stream().filter(key -> !keys.containsKey(key) || keys.get(key).isNull()).toList();
    if (!missing.isEmpty()) {
      return "Required fields " + missing + " not specified";
    }
    String type = keys.get("sample_type").text("a type");
    if (!TYPES.contains(type)) {
      return "Invalid sample type " + type;
    }
    String name = keys.get("name").text("a name");
    return NAME.matcher(name).matches() ? null : "Invalid name " + name;
  }

  private void translate(YamlValue entry, String name, Map<String, YamlValue> keys) {
    String what = "the pollster " + name;
    Map<String, Object> definition = definition(keys, what, false);
    Optional<String> refusal =
        definition == null ? Optional.of("") : check.refusalOfDefinition(definition);
    if (refusal.isPresent() && definition != null && definition.containsKey(EXTRAS)) {
      Map<String, Object> without = new LinkedHashMap<>(definition);
      without.remove(EXTRAS);
      without.remove("extra-metadata-fields-skip");
      if (check.refusalOfDefinition(without).isEmpty()) {
        remarks.lost(keys.get("extra_metadata_fields"), what + ": its metadata: " + refusal.get());
        definition = without;
        refusal = Optional.empty();
      }
    }
    if (refusal.isPresent()) {
      if (definition != null) {
        remarks.lost(entry, what + ": " + refusal.get());
      }
      return;
    }
    blocks.add(new Block(entry, definition));
    discoveries.put(
        name, definition.containsKey("local") ? PolledMeters.DYNAMIC_LOCAL : PolledMeters.DYNAMIC);
  }

  /**
   * The keys of a definition; null where it cannot be carried over, which is said.
   *
   * @param isExtra whether it is one of more metadata
   */
  private Map<String, Object> definition(
      Map<String, YamlValue> keys, String what, boolean isExtra) {
    Map<String, Object> definition = new LinkedHashMap<>();
    for (Map.Entry<String, YamlValue> each : keys.entrySet()) {
      String key = each.getKey();
      YamlValue value = each.getValue();
      String ours = key.replace('_', '-');
      if (value.isNull()) {
        if (key.equals("timeout")) {
          definition.put(ours, "1 hour");
        }
        continue;
      }
      switch (key) {
        case "name",
            "value",
            "value_attribute",
            "url_path",
            "host_command",
            "response_entries_key",
            "next_sample_url_attribute",
            "user_id_attribute",
            "project_id_attribute",
            "resource_id_attribute" ->
            definition.put(ours, value.text("a text"));
        case "sample_type", "unit" -> {
          // Metadata has neither.
          if (!isExtra) {
            definition.put(ours, value.text("a text"));
          }
        }
        case "endpoint_type" -> {
          if (!keys.containsKey("module")) {
            definition.put(ours, value.text("a type of service"));
          }
        }
        case "metadata_fields", "response_handlers" ->
            definition.put(
                ours, value.isList() ? value.texts("a list of texts") : List.of(value.text("")));
        case "metadata_mapping",
            "value_mapping",
            "default_value",
            "extra_metadata_fields_skip",
            "extra_metadata_fields_cache_seconds" ->
            definition.put(ours, value.tree());
        case "skip_sample_values" ->
            definition.put(ours, value.isList() ? value.tree() : List.of(value.tree()));
        case "preserve_mapped_metadata" -> definition.put(ours, value.isTruthy());
        case "headers" -> definition.put(ours, headers(value));
        case "timeout" -> definition.put(ours, value.text("seconds") + "s");
        case "extra_metadata_fields" -> definition.put(ours, extras(value, what));
        case "namespaces" -> namespaces(value, keys, definition, what);
        case "module",
            "authentication_object",
            "authentication_parameters",
            "barbican_secret_id" -> {
          // Together, below.
        }
        default -> remarks.note(value, what + ": nothing reads the key " + key);
      }
    }
    return keys.containsKey("module") && !authenticate(keys, definition, what) ? null : definition;
  }

  private static Map<String, Object> headers(YamlValue value) {
    Map<String, Object> headers = new LinkedHashMap<>();
    List<YamlValue> maps = value.isList() ? value.list("a list of maps") : List.of(value);
    for (YamlValue map : maps) {
      map.map("a map of headers")
          .forEach((name, header) -> headers.put(name, header.text("the value of a header")));
    }
    return headers;
  }

  private List<Object> extras(YamlValue value, String what) {
    List<Object> extras = new ArrayList<>();
    for (YamlValue each : value.isList() ? value.list("a list of definitions") : List.of(value)) {
      Map<String, Object> extra = definition(each.map("a definition, a map"), what, true);
      if (extra != null) {
        extras.add(extra);
      }
    }
    return extras;
  }

  private void namespaces(
      YamlValue value, Map<String, YamlValue> keys, Map<String, Object> definition, String what) {
    List<String> names =
        value.isList() ? value.texts("a list of namespaces") : List.of(value.text("a namespace"));
    if (names.equals(List.of("central"))) {
      return;
    }
    if (keys.containsKey("host_command") && names.stream().anyMatch(LOCAL_NAMESPACES::contains)) {
      definition.put("local", true);
    } else {
      remarks.note(value, what + ": namespaces are left out: one node asks for all");
    }
  }

  /** Whether how it says who it is could be carried over. */
  private boolean authenticate(
      Map<String, YamlValue> keys, Map<String, Object> definition, String what) {
    String type =
        keys.get("module").text("a module")
            + "."
            + (keys.get("authentication_object") == null
                ? ""
                : keys.get("authentication_object").text("a class"));
    YamlValue parameters = keys.get("authentication_parameters");
    boolean isKnown = type.equals("requests.auth.HTTPBasicAuth");
    List<String> both =
        parameters == null || parameters.isNull()
            ? List.of()
            : List.of(parameters.text("user,password").split(",", 2));
    if (!isKnown || both.size() < 2) {
      remarks.lost(
          keys.get("module"),
          what
              + ": "
              + (isKnown
                  ? "its user and password are not in the file"
                  : "it authenticates by " + type + ": Sonde has basic, bearer and certificates"));
      return false;
    }
    Map<String, Object> authentication = new LinkedHashMap<>();
    authentication.put("type", "basic");
    authentication.put("username", both.get(0).strip());
    authentication.put("password", both.get(1).strip());
    definition.put("authentication", authentication);
    return true;
  }
}
