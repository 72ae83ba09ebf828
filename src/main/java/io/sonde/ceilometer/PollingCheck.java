package io.sonde.ceilometer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.sonde.model.ConfigException;
import io.sonde.polling.PollingSettings;
import io.sonde.polling.PollsterFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether Sonde takes what is to be polled; asked of the parts, so that one that fails is named.
 */
interface PollingCheck {
  /**
   * Why a source is refused, with the path within it; empty when it is not.
   *
   * @param source keys and values as in {@code sonde.polling.sources}
   */
  Optional<String> refusalOfSource(Map<String, Object> source);

  /**
   * Why a definition is refused, with the path within it; empty when it is not.
   *
   * @param definition keys and values as in {@code sonde.polling.pollsters.dynamic.definitions}
   */
  Optional<String> refusalOfDefinition(Map<String, Object> definition);

  /** The names of the sources that there are already. */
  Set<String> sources();

  /** The discoveries of the definitions that there are already, by their names. */
  Map<String, String> definitions();

  /**
   * Asks the settings of polling themselves.
   *
   * @param polling the block {@code sonde.polling}, complete and resolved
   */
  static PollingCheck by(Config polling, List<PollsterFactory> factories) {
    return new PollingCheck() {
      @Override
      public Optional<String> refusalOfSource(Map<String, Object> source) {
        return refusal("sources", "sources", source);
      }

      @Override
      public Optional<String> refusalOfDefinition(Map<String, Object> definition) {
        return refusal("pollsters.dynamic.definitions", "definitions", definition);
      }

      @Override
      public Set<String> sources() {
        Set<String> names = new TreeSet<>();
        polling.getConfigList("sources").forEach(source -> names.add(source.getString("name")));
        return names;
      }

      @Override
      public Map<String, String> definitions() {
        Map<String, String> names = new LinkedHashMap<>();
        for (Config each : polling.getConfigList("pollsters.dynamic.definitions")) {
          boolean isLocal = each.hasPath("local") && each.getBoolean("local");
          names.put(
              each.getString("name"), isLocal ? PolledMeters.DYNAMIC_LOCAL : PolledMeters.DYNAMIC);
        }
        return names;
      }

      private Optional<String> refusal(String path, String origin, Map<String, Object> entry) {
        Config alone =
            polling
                .withValue("sources", ConfigValueFactory.fromIterable(List.of()))
                .withValue(path, ConfigValueFactory.fromIterable(List.of(entry), origin));
        try {
          PollingSettings.from(alone, factories);
          return Optional.empty();
        } catch (ConfigException e) {
          return Optional.of(
              e.getMessage()
                  .replace("sonde.polling." + path + "[0].", "")
                  .replace(" (" + origin + ")", ""));
        }
      }
    };
  }
}
