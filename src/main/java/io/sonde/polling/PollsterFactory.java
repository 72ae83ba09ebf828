package io.sonde.polling;

import io.sonde.model.ConfigSection;
import java.util.function.Function;

/**
 * Makes the pollster of one name. Others than the built-in ones are found by {@link
 * io.sonde.publish.Plugins}.
 */
public interface PollsterFactory {
  /** The name used in targets and in {@code sonde.polling.pollsters.NAME}; without a slash. */
  String name();

  /**
   * The pollster with these parameters. Opens nothing yet.
   *
   * @param parameters {@code sonde.polling.pollsters.NAME}, empty where it is not configured
   * @throws io.sonde.model.ConfigException when they are not right; unknown keys are not
   */
  Pollster create(ConfigSection parameters);

  /** A factory out of a name and what makes the pollster. */
  static PollsterFactory of(String name, Function<ConfigSection, Pollster> maker) {
    return new PollsterFactory() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Pollster create(ConfigSection parameters) {
        return maker.apply(parameters);
      }
    };
  }
}
