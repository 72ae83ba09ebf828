package io.sonde.pipeline;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.Door;
import io.sonde.model.Metadata;
import io.sonde.model.MeterFilter;
import io.sonde.publish.Publication;
import io.sonde.publish.PublisherUrl;
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
 * The pipelines: sources, sinks and over how many stages each sink is spread. Key block: {@code
 * sonde.pipeline}.
 *
 * @param stagesPerSink parts into which the resources of a sink with transformers are divided
 * @param idleAfter how long a series is remembered by its stage itself
 * @param definitions the sources and sinks as canonical JSON, with all defaults filled in; equal
 *     for equal definitions however they are laid out
 * @param version SHA-256 of that, in hex
 */
public record PipelineSettings(
    List<SourceDefinition> sources,
    List<SinkDefinition> sinks,
    int stagesPerSink,
    Duration idleAfter,
    String definitions,
    String version) {

  private static final String PATH = "sonde.pipeline";
  private static final int TAG_DIGITS = 16;

  /**
   * Reads the block.
   *
   * @param config what stands at {@code sonde.pipeline}
   * @throws ConfigException when something in it is not right
   */
  public static PipelineSettings from(Config config) {
    ConfigSection root =
        ConfigSection.of(config, PATH).allow("sources", "sinks", "stages-per-sink", "idle-after");
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
    String definitions = definitions(sources, sinks);
    return new PipelineSettings(
        List.copyOf(sources),
        List.copyOf(sinks),
        root.integer("stages-per-sink", 1, 1024),
        root.duration("idle-after", Duration.ofSeconds(1), Duration.ofDays(36_500)),
        definitions,
        hash(definitions));
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
    String name = name(section, names, "source");
    MeterFilter meters =
        MeterFilter.of(section.texts("meters", "a list of meter patterns"), section.path("meters"));
    List<String> sinks = section.texts("sinks", "a list of names of sinks");
    if (sinks.isEmpty()) {
      throw new ConfigException(section.path("sinks"), "[]", "a list of at least one sink");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < sinks.size(); i++) {
      String path = section.path("sinks") + "[" + i + "]";
      if (!sinkNames.contains(sinks.get(i))) {
        throw new ConfigException(path, sinks.get(i), "the name of a sink in " + PATH + ".sinks");
      }
      if (!seen.add(sinks.get(i))) {
        throw new ConfigException(path, sinks.get(i), "named once only by this source");
      }
    }
    return new SourceDefinition(name, meters, doors(section), List.copyOf(sinks));
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
    String name = name(section, names, "sink");
    return new SinkDefinition(name, transformers.chain(section), publishers(section));
  }

  private static List<String> publishers(ConfigSection section) {
    String path = section.path("publishers");
    // Looks at URLs only, and signs nothing.
    Publishers known = new Publishers("");
    List<String> urls = new ArrayList<>();
    for (String text : section.texts("publishers", "a list of the URLs of publishers")) {
      PublisherUrl url = PublisherUrl.of(text, path + "[" + urls.size() + "]");
      if (!url.text().equals(Publishers.COLLECTOR)) {
        known.create(url).close();
      }
      urls.add(url.text());
    }
    if (urls.isEmpty()) {
      throw new ConfigException(path, "[]", "a list of at least one publisher");
    }
    return List.copyOf(urls);
  }

  private static String name(ConfigSection section, Set<String> names, String what) {
    String name = section.text("name", "a name for the " + what);
    // Names of sinks become names of entities, where ~ sets the part apart.
    if (!name.matches("[A-Za-z0-9._-]{1,100}")) {
      throw new ConfigException(
          section.path("name"), name, "a name of up to 100 letters, digits, dots, - and _");
    }
    if (!names.add(name)) {
      throw new ConfigException(
          section.path("name"), name, "a name that no other " + what + " has");
    }
    return name;
  }

  /** What the definitions mean: defaults are filled in, keys and doors are sorted. */
  private static String definitions(List<SourceDefinition> sources, List<SinkDefinition> sinks) {
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
                .toList());
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
