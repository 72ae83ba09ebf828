package io.sonde.ceilometer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import io.sonde.model.ConfigException;
import io.sonde.pipeline.PipelineSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether Sonde takes a sink; asked of the parts of each, so that one that fails is named. */
interface SinkCheck {
  /**
   * Why a sink is refused, with the path within it; empty when it is not.
   *
   * @param sink keys and values as in {@code sonde.pipeline.sinks}
   */
  Optional<String> refusal(Map<String, Object> sink);

  /**
   * Asks the settings of the pipelines themselves.
   *
   * @param sonde the block {@code sonde}, complete
   */
  static SinkCheck by(Config sonde) {
    return by(sonde, "pipeline");
  }

  /** The same of sinks of events. */
  static SinkCheck ofEvents(Config sonde) {
    return by(sonde, "event-pipeline");
  }

  private static SinkCheck by(Config sonde, String block) {
    return sink -> {
      ConfigObject alone =
          ConfigFactory.parseMap(Map.of("sources", List.of(), "sinks", List.of(sink))).root();
      try {
        PipelineSettings.from(ConfigFactory.empty().withValue(block, alone).withFallback(sonde));
        return Optional.empty();
      } catch (ConfigException e) {
        return Optional.of(e.getMessage().replace("sonde." + block + ".sinks[0].", ""));
      }
    };
  }
}
