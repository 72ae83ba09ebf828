package io.sonde.ceilometer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.pipeline.PipelineSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether Sonde takes a sink; asked of the parts of each, so that one that fails is named. */
interface SinkCheck {
  /** What the only sink is called in {@link #refusal}. */
  String PATH = "sonde.pipeline.sinks[0].";

  /**
   * Why a sink is refused; empty when it is not.
   *
   * @param sink keys and values as in {@code sonde.pipeline.sinks}
   */
  Optional<String> refusal(Map<String, Object> sink);

  /**
   * Asks the settings of the pipelines themselves.
   *
   * @param pipeline the block {@code sonde.pipeline} in which the sink would stand
   */
  static SinkCheck by(Config pipeline) {
    return sink -> {
      try {
        PipelineSettings.from(
            ConfigFactory.parseMap(Map.of("sources", List.of(), "sinks", List.of(sink)))
                .withFallback(pipeline));
        return Optional.empty();
      } catch (ConfigException e) {
        return Optional.of(e.getMessage());
      }
    };
  }
}
