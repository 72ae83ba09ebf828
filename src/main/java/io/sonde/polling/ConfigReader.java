package io.sonde.polling;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Reads values of one HOCON object; every error is a {@link ConfigException} with the full path.
 */
final class ConfigReader {
  private final Config config;
  private final String path;

  ConfigReader(Config config, String path) {
    this.config = config;
    this.path = path;
  }

  String path(String key) {
    return path + "." + key;
  }

  boolean has(String key) {
    return config.hasPath(key);
  }

  /** Refuses any other key: a misspelt one would be ignored in silence. */
  void requireKnown(Set<String> known) {
    for (String key : config.root().keySet().stream().sorted().toList()) {
      if (!known.contains(key)) {
        throw new ConfigException(
            path(key),
            String.valueOf(config.root().get(key).unwrapped()),
            "the value of a known key ("
                + String.join(", ", known.stream().sorted().toList())
                + ")");
      }
    }
  }

  String string(String key, String expected) {
    require(key, expected);
    try {
      return config.getString(key);
    } catch (com.typesafe.config.ConfigException e) {
      throw bad(key, expected);
    }
  }

  List<String> strings(String key, String expected) {
    require(key, expected);
    try {
      return config.getStringList(key);
    } catch (com.typesafe.config.ConfigException e) {
      throw bad(key, expected);
    }
  }

  /** At least one millisecond: that is what timers and schedules count in. */
  Duration duration(String key) {
    String expected = "a duration greater than 0";
    require(key, expected);
    try {
      Duration value = config.getDuration(key);
      if (value.toMillis() > 0) {
        return value;
      }
    } catch (com.typesafe.config.ConfigException e) {
      throw bad(key, expected);
    }
    throw bad(key, expected);
  }

  /** A size in bytes that an array can have. */
  int bytes(String key) {
    String expected = "a size from 1 byte to 1 GiB";
    require(key, expected);
    try {
      long value = config.getBytes(key);
      if (value > 0 && value <= 1 << 30) {
        return (int) value;
      }
    } catch (com.typesafe.config.ConfigException e) {
      throw bad(key, expected);
    }
    throw bad(key, expected);
  }

  ConfigException bad(String key, String expected) {
    return new ConfigException(
        path(key), String.valueOf(config.getValue(key).unwrapped()), expected);
  }

  private void require(String key, String expected) {
    if (!config.hasPath(key)) {
      throw new ConfigException(path(key), null, expected);
    }
  }
}
