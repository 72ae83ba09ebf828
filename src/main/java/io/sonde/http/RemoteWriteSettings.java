package io.sonde.http;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import java.util.List;

/**
 * How the labels of remote write become series. Keys under {@code sonde.remote-write}.
 *
 * @param source the source of all series
 * @param resourceLabels labels that name the resource; the first that a series has does
 * @param projectLabels likewise for the project
 * @param userLabels likewise for the user
 * @param defaultResource the resource of series without any such label; empty refuses them
 * @param cumulative the meters that are counters; all others are gauges
 * @param cachePercent how much of the heap the known series may take
 */
public record RemoteWriteSettings(
    String source,
    List<String> resourceLabels,
    List<String> projectLabels,
    List<String> userLabels,
    String defaultResource,
    NameFilter cumulative,
    int cachePercent) {

  /** Reads what stands at {@code sonde.remote-write}. */
  public static RemoteWriteSettings from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, "sonde.remote-write")
            .allow(
                "source",
                "resource-labels",
                "project-labels",
                "user-labels",
                "default-resource",
                "cumulative",
                "cache-percent");
    return new RemoteWriteSettings(
        section.text("source", "a text that is not empty"),
        labels(section, "resource-labels"),
        labels(section, "project-labels"),
        labels(section, "user-labels"),
        section.text("default-resource").orElse(""),
        NameFilter.of(
            section.texts("cumulative", "a list of meter patterns"), section.path("cumulative")),
        section.integer("cache-percent", 1, 60));
  }

  private static List<String> labels(ConfigSection section, String key) {
    List<String> labels = section.texts(key, "a list of names of labels");
    for (int i = 0; i < labels.size(); i++) {
      if (labels.get(i).isBlank() || labels.get(i).equals(RemoteWriteMapping.METRIC_NAME)) {
        throw new ConfigException(
            section.path(key) + "[" + i + "]",
            labels.get(i),
            "the name of a label; " + RemoteWriteMapping.METRIC_NAME + " names the meter");
      }
    }
    return List.copyOf(labels);
  }
}
