package io.sonde.pipeline;

import io.sonde.model.ConfigSection;

/**
 * Makes the transformers of one name. Others than the built-in ones are found by {@link
 * io.sonde.publish.Plugins}.
 */
public interface TransformerFactory {
  /** The name used in {@code sonde.pipeline.sinks[].transformers[].name}. */
  String name();

  /**
   * The transformer of these parameters.
   *
   * @throws io.sonde.model.ConfigException when they are not right; unknown keys are not
   */
  Transformer create(ConfigSection parameters);
}
