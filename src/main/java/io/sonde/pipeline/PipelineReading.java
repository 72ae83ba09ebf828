package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.publish.Publisher;
import io.sonde.publish.PublisherUrl;
import io.sonde.publish.Publishers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** What definitions of samples' and of events' pipelines have in common. */
final class PipelineReading {
  private PipelineReading() {}

  /** The name of a source or a sink, which is then among these names. */
  static String name(ConfigSection section, Set<String> names, String what) {
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

  /**
   * The sinks that a source names.
   *
   * @param known the names of sinks
   * @param path the block in which they stand
   */
  static List<String> sinks(ConfigSection section, Set<String> known, String path) {
    List<String> sinks = section.texts("sinks", "a list of names of sinks");
    if (sinks.isEmpty()) {
      throw new ConfigException(section.path("sinks"), "[]", "a list of at least one sink");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < sinks.size(); i++) {
      String at = section.path("sinks") + "[" + i + "]";
      if (!known.contains(sinks.get(i))) {
        throw new ConfigException(at, sinks.get(i), "the name of a sink in " + path + ".sinks");
      }
      if (!seen.add(sinks.get(i))) {
        throw new ConfigException(at, sinks.get(i), "named once only by this source");
      }
    }
    return List.copyOf(sinks);
  }

  /** The publishers of a sink. */
  static List<String> publishers(ConfigSection section) {
    return publishers(section, (url, publisher) -> {});
  }

  /**
   * The publishers of a sink.
   *
   * @param check looks at each that is to the outside
   */
  static List<String> publishers(ConfigSection section, BiConsumer<PublisherUrl, Publisher> check) {
    String path = section.path("publishers");
    // Looks at URLs only, and signs nothing.
    Publishers known = new Publishers("");
    List<String> urls = new ArrayList<>();
    for (String text : section.texts("publishers", "a list of the URLs of publishers")) {
      PublisherUrl url = PublisherUrl.of(text, path + "[" + urls.size() + "]");
      if (!url.text().equals(Publishers.COLLECTOR)) {
        Publisher publisher = known.create(url);
        publisher.close();
        check.accept(url, publisher);
      }
      urls.add(url.text());
    }
    if (urls.isEmpty()) {
      throw new ConfigException(path, "[]", "a list of at least one publisher");
    }
    return List.copyOf(urls);
  }
}
