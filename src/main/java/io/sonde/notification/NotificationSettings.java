package io.sonde.notification;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException.BadValue;
import com.typesafe.config.ConfigException.Missing;
import com.typesafe.config.ConfigException.WrongType;
import io.sonde.model.ConfigException;
import java.time.Duration;

/**
 * Bounds of the intake. Key block: {@code sonde.notification}.
 *
 * @param maxInFlightSamples samples that may be on their way on one node
 * @param maxFuture how far ahead of the clock a sample's time may be
 */
public record NotificationSettings(int maxInFlightSamples, Duration maxFuture) {
  private static final String PATH = "sonde.notification.";
  private static final String IN_FLIGHT = "max-in-flight-samples";
  private static final String FUTURE = "max-future";

  public NotificationSettings {
    if (maxInFlightSamples < 1) {
      throw new ConfigException(
          PATH + IN_FLIGHT, String.valueOf(maxInFlightSamples), "a whole number above 0");
    }
    if (maxFuture.isNegative()) {
      throw new ConfigException(PATH + FUTURE, maxFuture.toString(), "a duration from 0 s on");
    }
  }

  /**
   * Reads the block.
   *
   * @param config what stands at {@code sonde.notification}
   */
  public static NotificationSettings from(Config config) {
    return new NotificationSettings(
        read(config, IN_FLIGHT, "a whole number above 0", config::getInt),
        read(config, FUTURE, "a duration such as 10m", config::getDuration));
  }

  private static <T> T read(
      Config config, String key, String expected, java.util.function.Function<String, T> get) {
    try {
      return get.apply(key);
    } catch (Missing e) {
      throw cause(new ConfigException(PATH + key, null, expected), e);
    } catch (WrongType | BadValue e) {
      String shown = String.valueOf(config.getValue(key).unwrapped());
      throw cause(new ConfigException(PATH + key, shown, expected), e);
    }
  }

  private static ConfigException cause(ConfigException failure, Exception cause) {
    failure.initCause(cause);
    return failure;
  }
}
