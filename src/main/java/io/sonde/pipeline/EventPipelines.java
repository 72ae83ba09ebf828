package io.sonde.pipeline;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import io.sonde.publish.EventPublication;
import io.sonde.publish.EventPublisher;
import io.sonde.publish.Publishers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which events go to which publishers. Key block: {@code sonde.event-pipeline}. Events are not
 * transformed.
 */
public record EventPipelines(List<Source> sources, List<Sink> sinks) {
  private static final String PATH = "sonde.event-pipeline";

  /**
   * Where events of some types go.
   *
   * @param events types that are taken
   * @param sinks names of sinks; each takes an event once, however many sources lead there
   */
  public record Source(String name, NameFilter events, List<String> sinks) {}

  /**
   * Where events go out.
   *
   * @param publishers URLs; at least one
   */
  public record Sink(String name, List<String> publishers) {}

  /**
   * Reads the block.
   *
   * @param config what stands at {@code sonde.event-pipeline}
   * @throws ConfigException when something in it is not right
   */
  static EventPipelines from(Config config) {
    ConfigSection root = ConfigSection.of(config, PATH).allow("sources", "sinks");
    List<Sink> sinks = new ArrayList<>();
    Set<String> sinkNames = new HashSet<>();
    for (ConfigSection section : root.sections("sinks", "a list of sinks")) {
      sinks.add(sink(section, sinkNames));
    }
    List<Source> sources = new ArrayList<>();
    Set<String> sourceNames = new HashSet<>();
    for (ConfigSection section : root.sections("sources", "a list of sources")) {
      sources.add(source(section, sinkNames, sourceNames));
    }
    return new EventPipelines(List.copyOf(sources), List.copyOf(sinks));
  }

  private static Source source(ConfigSection section, Set<String> sinkNames, Set<String> names) {
    section.allow("name", "events", "sinks");
    return new Source(
        PipelineReading.name(section, names, "source"),
        NameFilter.of(
            section.texts("events", "a list of patterns of event types"), section.path("events")),
        PipelineReading.sinks(section, sinkNames, PATH));
  }

  private static Sink sink(ConfigSection section, Set<String> names) {
    if (section.has("transformers")) {
      throw new ConfigException(
          section.path("transformers"), "set", "left out: events are not transformed");
    }
    section.allow("name", "publishers");
    return new Sink(
        PipelineReading.name(section, names, "sink"),
        PipelineReading.publishers(
            section,
            (url, publisher) -> {
              if (!(publisher instanceof EventPublisher)) {
                throw url.error("the URL of a publisher that takes events: docs/publishers.md");
              }
            }));
  }

  /** What goes to consumers outside. */
  public List<EventPublication> publications() {
    List<EventPublication> publications = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Sink sink : sinks) {
      for (String publisher : sink.publishers()) {
        EventPublication one = new EventPublication(publisher);
        if (!publisher.equals(Publishers.COLLECTOR) && names.add(one.name())) {
          publications.add(one);
        }
      }
    }
    return publications;
  }

  /** The definitions as a tree, for their canonical form. */
  Map<String, Object> tree() {
    return Map.of(
        "sources",
        sources.stream()
            .map(
                source ->
                    Map.of(
                        "name", source.name(),
                        "events", source.events().patterns(),
                        "sinks", source.sinks()))
            .toList(),
        "sinks",
        sinks.stream()
            .map(sink -> Map.of("name", sink.name(), "publishers", sink.publishers()))
            .toList());
  }
}
