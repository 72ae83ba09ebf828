package io.sonde.ceilometer;

import io.sonde.ceilometer.Pipes.Block;
import io.sonde.publish.Publishers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Translates a pipeline file, of samples or of events. */
final class PipelineTranslation {
  private static final Set<String> POLLING_KEYS = Set.of("interval", "resources", "discovery");

  private final boolean isOfEvents;
  private final Release release;
  private final SinkCheck check;
  private final Remarks remarks;
  private final PublisherTranslation publishers;
  private final TransformerTranslation transformers;

  private final PollingReading polling;

  /**
   * @param polling gets what the sources poll
   */
  PipelineTranslation(
      boolean isOfEvents,
      Release release,
      SinkCheck check,
      PollingReading polling,
      Remarks remarks) {
    this.polling = polling;
    this.isOfEvents = isOfEvents;
    this.release = release;
    this.check = check;
    this.remarks = remarks;
    this.publishers = new PublisherTranslation(isOfEvents, check, remarks);
    this.transformers = new TransformerTranslation(release, check, remarks);
  }

  /**
   * Translates the whole file.
   *
   * @throws FormException when Ceilometer would not start with it
   */
  Pipes translate(YamlValue root) {
    Map<String, YamlValue> keys = root.map("a map with sources and sinks");
    if (!keys.containsKey("sources") || !keys.containsKey("sinks")) {
      throw root.refusal("Both sources & sinks are required");
    }
    noteOthers(keys, Set.of("sources", "sinks"));
    Map<String, YamlValue> sinks = named(keys.get("sinks"), "sink");
    Map<String, YamlValue> sources = named(keys.get("sources"), "source");
    Map<String, Block> sinkBlocks = sinks(sinks);
    return new Pipes(sources(sources, sinks, sinkBlocks), List.copyOf(sinkBlocks.values()));
  }

  /** The entries of a list by their names. */
  private static Map<String, YamlValue> named(YamlValue list, String what) {
    Map<String, YamlValue> byName = new LinkedHashMap<>();
    for (YamlValue entry : list.list("a list of " + what + "s")) {
      YamlValue name = entry.map("a " + what + ", a map").get("name");
      if (name == null) {
        throw entry.refusal("Required field name not specified");
      }
      if (byName.put(name.text("a name"), entry) != null) {
        throw name.refusal("Duplicated " + what + " names: " + name.text("a name"));
      }
    }
    return byName;
  }

  private Map<String, Block> sinks(Map<String, YamlValue> entries) {
    Names names = new Names(entries.keySet());
    Map<String, Block> blocks = new LinkedHashMap<>();
    entries.forEach(
        (name, entry) ->
            sink(entry, name, names.of(name)).ifPresent(block -> blocks.put(name, block)));
    return blocks;
  }

  private Optional<Block> sink(YamlValue entry, String name, String newName) {
    Map<String, YamlValue> keys = entry.map("a sink");
    noteOthers(keys, Set.of("name", "transformers", "publishers"));
    List<YamlValue> urls = entries(keys.get("publishers"), "a list of the URLs of publishers");
    if (urls.isEmpty()) {
      throw entry.refusal("No publisher specified");
    }
    noteName(entry, name, newName);
    Map<String, Object> sink = new LinkedHashMap<>();
    sink.put("name", newName);
    List<Map<String, Object>> steps = new ArrayList<>();
    boolean isWhole = steps(keys.get("transformers"), steps);
    if (!steps.isEmpty()) {
      sink.put("transformers", steps);
    }
    List<String> targets = publishers.translate(urls);
    if (!isWhole || targets.isEmpty()) {
      remarks.lost(
          entry,
          "the sink "
              + name
              + ": "
              + (isWhole ? "none of its publishers" : "not all of its transformers")
              + " could be carried over");
      return Optional.empty();
    }
    sink.put("publishers", targets);
    if (!targets.contains(Publishers.COLLECTOR) && check.refusal(sink).isPresent()) {
      List<String> all = new ArrayList<>(List.of(Publishers.COLLECTOR));
      all.addAll(targets);
      sink.put("publishers", all);
      remarks.note(
          entry,
          "what the sink " + name + " publishes is stored too: publishers read what is stored");
    }
    return Optional.of(new Block(entry, sink));
  }

  /** Adds the steps of a sink; false when one of them cannot be carried over. */
  private boolean steps(YamlValue list, List<Map<String, Object>> steps) {
    List<YamlValue> entries = entries(list, "a list of transformers");
    if (isOfEvents) {
      entries.forEach(entry -> remarks.lost(entry, "Sonde does not transform events"));
      return entries.isEmpty();
    }
    boolean isWhole = true;
    for (YamlValue entry : entries) {
      isWhole &= transformers.translate(entry, steps);
    }
    return isWhole;
  }

  private List<Block> sources(
      Map<String, YamlValue> entries, Map<String, YamlValue> sinks, Map<String, Block> kept) {
    Names names = new Names(entries.keySet());
    Map<String, Map<String, Filter>> filtersBySink = new HashMap<>();
    List<Block> blocks = new ArrayList<>();
    entries.forEach(
        (name, entry) -> {
          Map<String, YamlValue> keys = entry.map("a source");
          Filter filter = filter(entry, keys);
          List<String> targets = targets(entry, name, keys.get("sinks"), sinks.keySet());
          if (!isOfEvents) {
            poll(entry, name, keys, filter);
          }
          noteOthers(
              keys, Set.of("name", meterKey(), "sinks", "interval", "resources", "discovery"));
          noteName(entry, name, names.of(name));
          List<String> left = targets.stream().filter(kept::containsKey).toList();
          if (left.isEmpty()) {
            remarks.lost(entry, "the source " + name + " leads nowhere: none of its sinks is left");
          } else if (!filter.patterns().isEmpty()) {
            left.forEach(sink -> noteOverlap(entry, name, filter, sink, filtersBySink));
            Map<String, Object> source = new LinkedHashMap<>();
            source.put("name", names.of(name));
            source.put(isOfEvents ? "events" : "meters", filter.patterns());
            source.put("sinks", left.stream().map(sink -> newName(kept, sink)).toList());
            blocks.add(new Block(entry, source));
          }
        });
    return blocks;
  }

  private static Object newName(Map<String, Block> blocks, String name) {
    return blocks.get(name).keys().get("name");
  }

  private Filter filter(YamlValue entry, Map<String, YamlValue> keys) {
    String noun = isOfEvents ? "events" : "meters";
    YamlValue list = keys.get(noun);
    if (list == null && !isOfEvents && release == Release.NEWTON) {
      list = keys.get("counters");
    }
    if (list == null) {
      throw entry.refusal(isOfEvents ? "No events specified" : "Missing meters value");
    }
    return Filter.of(list, noun, remarks);
  }

  private String meterKey() {
    return isOfEvents ? "events" : "meters";
  }

  private List<String> targets(
      YamlValue entry, String name, YamlValue list, Set<String> sinkNames) {
    if (list == null && release == Release.CURRENT) {
      throw entry.refusal("Required field sinks not specified");
    }
    List<YamlValue> sinks = entries(list, "a list of names of sinks");
    if (sinks.isEmpty()) {
      throw entry.refusal("No sink defined in source " + name);
    }
    List<String> targets = new ArrayList<>();
    for (YamlValue sink : sinks) {
      String target = sink.text("the name of a sink");
      if (!sinkNames.contains(target)) {
        throw sink.refusal("Dangling sink " + target + " from source " + name);
      }
      if (targets.contains(target)) {
        throw sink.refusal(
            "Duplicate pipeline name: "
                + (name.equals(target) ? name : name + ":" + target)
                + ". Ensure pipeline names are unique.");
      }
      targets.add(target);
    }
    return targets;
  }

  /** Each sample goes through a sink once here. */
  private void noteOverlap(
      YamlValue entry,
      String name,
      Filter filter,
      String sink,
      Map<String, Map<String, Filter>> filtersBySink) {
    Map<String, Filter> others = filtersBySink.computeIfAbsent(sink, s -> new LinkedHashMap<>());
    others.forEach(
        (other, theirs) -> {
          if (filter.mayOverlap(theirs)) {
            remarks.note(
                entry,
                "what both "
                    + other
                    + " and "
                    + name
                    + " take goes through the sink "
                    + sink
                    + " once; there, twice");
          }
        });
    others.put(name, filter);
  }

  private void poll(YamlValue entry, String name, Map<String, YamlValue> keys, Filter filter) {
    if (release == Release.NEWTON) {
      polling.source(entry, name, keys, filter);
      return;
    }
    POLLING_KEYS.stream()
        .filter(keys::containsKey)
        .sorted()
        .forEach(
            key ->
                remarks.note(
                    keys.get(key),
                    key
                        + " is not read: polling has a file of its own since Pike"
                        + " (--release newton reads it here)"));
  }

  private void noteName(YamlValue entry, String name, String newName) {
    if (!name.equals(newName)) {
      remarks.note(
          entry, "the name " + name + " becomes " + newName + ": letters, digits, dots, - and _");
    }
  }

  private void noteOthers(Map<String, YamlValue> keys, Set<String> known) {
    keys.forEach(
        (key, value) -> {
          boolean isOld = key.equals("counters") && release == Release.NEWTON && !isOfEvents;
          if (!known.contains(key) && !isOld) {
            remarks.note(value, "the key " + key + " is left out: Ceilometer does not read it");
          }
        });
  }

  private static List<YamlValue> entries(YamlValue list, String expected) {
    return list == null || list.isNull() ? List.of() : list.list(expected);
  }
}
