package io.sonde.ceilometer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.sonde.definition.Definitions;
import io.sonde.model.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says whether Sonde takes a definition, so that none is written that it would refuse. */
interface DefinitionCheck {
  /**
   * Why a definition is refused; empty when it is not.
   *
   * @param list {@code meters} or {@code events}
   * @param definition keys and values as there
   */
  Optional<String> refusal(String list, Map<String, Object> definition);

  /**
   * Asks the definitions themselves.
   *
   * @param definitions the block {@code sonde.definitions} in which the definition would stand
   */
  static DefinitionCheck by(Config definitions) {
    Config empty =
        config(Map.of("meters", List.of(), "events", List.of(), "errors", "refuse"), "empty")
            .withFallback(definitions);
    return (list, definition) -> {
      try {
        Definitions.from(config(Map.of(list, List.of(definition)), list).withFallback(empty));
        return Optional.empty();
      } catch (ConfigException e) {
        String place = "sonde.definitions." + list + "[0].";
        return Optional.of(e.getMessage().replace(place, "").replace(" (" + list + ")", ""));
      }
    };
  }

  /** Dots in names are parts of them. */
  private static Config config(Map<String, ?> values, String origin) {
    return ConfigValueFactory.fromMap(values, origin).toConfig();
  }
}
