package io.sonde.pipeline;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.Door;
import io.sonde.model.Metadata;
import io.sonde.model.NameFilter;
import io.sonde.publish.Publication;
import io.sonde.publish.Publishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The pipelines: sources, sinks and over how many stages each sink is spread, and those of events.
 * Key blocks: {@code sonde.pipeline}, {@code sonde.event-pipeline}.
 *
 * @param stagesPerSink parts into which the resources of a sink with transformers are divided
 * @param idleAfter how long a series is remembered by its stage itself
 * @param events the pipelines of events
 * @param definitions the sources and sinks, those of events too, as canonical JSON, with all
 *     defaults filled in; equal for equal definitions however they are laid out
 * @param version SHA-256 of that, in hex
 */
public record PipelineSettings(
    List<SourceDefinition> sources,
    List<SinkDefinition> sinks,
    int stagesPerSink,
    Duration idleAfter,
    EventPipelines events,
    String definitions,
    String version) {

  private static final String PATH = "sonde.pipeline";
  private static final int TAG_DIGITS = 16;

  /**
   * Reads both blocks.
   *
   * @param sonde what stands at {@code sonde}
   * @throws ConfigException when something in them is not right
   */
  public static PipelineSettings from(Config sonde) {
    ConfigSection root =
        ConfigSection.of(sonde.getConfig("pipeline"), PATH)
            .allow("sources", "sinks", "stages-per-sink", "idle-after");
    List<SinkDefinition> sinks = new ArrayList<>();
    Set<String> sinkNames = new HashSet<>();
    Transformers transformers = new Transformers();
    for (ConfigSection section : root.sections("sinks", "a list of sinks")) {
      sinks.add(sink(section, transformers, sinkNames));
    }
    List<SourceDefinition> sources = new ArrayList<>();
    Set<String> sourceNames = new HashSet<>();
    for (ConfigSection section : root.sections("sources", "a list of sources")) {
      sources.add(source(section, sinkNames, sourceNames));
    }
    EventPipelines events = EventPipelines.from(sonde.getConfig("event-pipeline"));
    String definitions = definitions(sources, sinks, events);
    return new PipelineSettings(
        List.copyOf(sources),
        List.copyOf(sinks),
        root.integer("stages-per-sink", 1, 1024),
        root.duration("idle-after", Duration.ofSeconds(1), Duration.ofDays(36_500)),
        events,
        definitions,
        hash(definitions));
  }

  /**
   * The pipelines of a version on record.
   *
   * @param definitions as {@link #definitions} has them
   * @throws ConfigException when they cannot be made any more: a transformer or publisher is not
   *     here
   */
  public static PipelineSettings ofDefinitions(String definitions) {
    Config tree = ConfigFactory.parseString(definitions);
    // How the work was spread is not of the version.
    Config rest = ConfigFactory.parseString("{stages-per-sink = 1, idle-after = 1h}");
    return from(
        ConfigFactory.empty()
            .withValue("pipeline", tree.withoutPath("events").withFallback(rest).root())
            .withValue("event-pipeline", tree.getValue("events")));
  }

  /** A sink by its name, or null. */
  public SinkDefinition sink(String name) {
    for (SinkDefinition sink : sinks) {
      if (sink.name().equals(name)) {
        return sink;
      }
    }
    return null;
  }

  /** The ids of a sink's stages. */
  List<String> stagesOf(SinkDefinition sink) {
    return IntStream.range(0, stagesPerSink)
        .mapToObj(part -> Stages.entityId(sink.name(), part))
        .toList();
  }

  /**
   * The first digits of the version: enough to tell versions apart, and written with each block.
   */
  public String tag() {
    return version.substring(0, Math.min(TAG_DIGITS, version.length()));
  }

  /** What goes to consumers outside: for each of their URLs, the sinks that name it. */
  public List<Publication> publications() {
    Map<String, Publication> byName = new LinkedHashMap<>();
    for (SinkDefinition sink : sinks) {
      boolean isStored = sink.publishers().contains(Publishers.COLLECTOR);
      for (String publisher : sink.publishers()) {
        if (!publisher.equals(Publishers.COLLECTOR)) {
          Publication known = new Publication(publisher, Set.of(), Set.of());
          known = byName.getOrDefault(known.name(), known);
          byName.put(known.name(), known.and(sink.name(), isStored));
        }
      }
    }
    return List.copyOf(byName.values());
  }

  private static SourceDefinition source(
      ConfigSection section, Set<String> sinkNames, Set<String> names) {
    section.allow("name", "meters", "doors", "sinks");
    String name = PipelineReading.name(section, names, "source");
    NameFilter meters =
        NameFilter.of(section.texts("meters", "a list of meter patterns"), section.path("meters"));
    List<String> sinks = PipelineReading.sinks(section, sinkNames, PATH);
    return new SourceDefinition(name, meters, doors(section), sinks);
  }

  private static Set<Door> doors(ConfigSection section) {
    if (!section.has("doors")) {
      return Set.copyOf(EnumSet.allOf(Door.class));
    }
    String known =
        Arrays.stream(Door.values()).map(Door::configName).collect(Collectors.joining(", "));
    List<String> names = section.texts("doors", "a list of " + known);
    if (names.isEmpty()) {
      throw new ConfigException(section.path("doors"), "[]", "a list of at least one of " + known);
    }
    Set<Door> doors = EnumSet.noneOf(Door.class);
    for (int i = 0; i < names.size(); i++) {
      Door door = Door.ofConfigName(names.get(i));
      if (door == null) {
        throw new ConfigException(
            section.path("doors") + "[" + i + "]", names.get(i), "one of " + known);
      }
      doors.add(door);
    }
    return Set.copyOf(doors);
  }

  private static SinkDefinition sink(
      ConfigSection section, Transformers transformers, Set<String> names) {
    section.allow("name", "transformers", "publishers");
    String name = PipelineReading.name(section, names, "sink");
    return new SinkDefinition(
        name, transformers.chain(section), PipelineReading.publishers(section));
  }

  /** What the definitions mean: defaults are filled in, keys and doors are sorted. */
  private static String definitions(
      List<SourceDefinition> sources, List<SinkDefinition> sinks, EventPipelines events) {
    Map<String, Object> tree =
        Map.of(
            "sources",
            sources.stream()
                .map(
                    source ->
                        Map.of(
                            "name", source.name(),
                            "meters", source.meters().patterns(),
                            "doors",
                                source.doors().stream().map(Door::configName).sorted().toList(),
                            "sinks", source.sinks()))
                .toList(),
            "sinks",
            sinks.stream()
                .map(
                    sink ->
                        Map.of(
                            "name", sink.name(),
                            "publishers", sink.publishers(),
                            "transformers", sink.tree()))
                .toList(),
            "events",
            events.tree());
    return Metadata.of(tree).json();
  }

  private static String hash(String definitions) {
    byte[] canonical = definitions.getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
