package io.sonde.server;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.sonde.model.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Brings the configuration together: values from the command line, then a file, then the defaults.
 */
final class Configuration {
  private static final String OF_POLLSTERS = "sonde.polling.pollsters.";

  private Configuration() {}

  /**
   * The whole configuration, resolved.
   *
   * @param file a HOCON file, or null
   * @param sets assignments {@code PATH=VALUE}, the value in HOCON; later ones win
   * @throws ConfigException when a value cannot be read or names a key that does not exist
   */
  static Config load(Path file, List<String> sets) {
    Config given = ConfigFactory.empty();
    if (file != null) {
      if (!Files.isReadable(file)) {
        throw new ConfigException("--config", file.toString(), "a file that can be read");
      }
      given =
          ConfigFactory.parseFile(
              file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    }
    for (String set : sets) {
      given = assignment(set).withFallback(given);
    }
    Config defaults = ConfigFactory.defaultApplication();
    // What defaults take from elsewhere has keys as well.
    refuseUnknown(
        given, defaults.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true)));
    return ConfigFactory.defaultOverrides()
        .withFallback(given)
        .withFallback(defaults)
        .withFallback(ConfigFactory.defaultReferenceUnresolved())
        .resolve();
  }

  private static Config assignment(String set) {
    int equals = set.indexOf('=');
    if (equals < 1) {
      throw new ConfigException("--set", set, "PATH=VALUE");
    }
    String path = set.substring(0, equals);
    String value = set.substring(equals + 1);
    try {
      return ConfigFactory.parseString(path + " = " + (value.isEmpty() ? "\"\"" : value));
    } catch (com.typesafe.config.ConfigException e) {
      // Not HOCON as it stands, such as a URL with its colons: then it is a string.
      return ConfigFactory.parseMap(Map.of(path, value), "--set " + path);
    }
  }

  /**
   * A key that nobody reads is a misspelt one; its value, which may be a secret, is not shown.
   * Those of pollsters, which may be plug-ins, are checked by them.
   */
  private static void refuseUnknown(Config given, Config defaults) {
    refuseOtherThanObjects("sonde", given, defaults);
    for (Map.Entry<String, ConfigValue> entry : given.entrySet()) {
      String path = entry.getKey();
      if (path.startsWith("sonde.")
          && !path.startsWith(OF_POLLSTERS)
          && !defaults.hasPathOrNull(path)) {
        List<String> keys = ConfigUtil.splitPath(path);
        throw new ConfigException(
            path, keys.get(keys.size() - 1), "a key that exists: see application.conf");
      }
    }
  }

  /** Where the defaults have an object, nothing else can stand. */
  private static void refuseOtherThanObjects(String path, Config given, Config defaults) {
    if (!given.hasPath(path)) {
      return;
    }
    ConfigValue value = given.getValue(path);
    if (!(value instanceof ConfigObject)) {
      throw new ConfigException(path, value.unwrapped().toString(), "an object { … }");
    }
    for (Map.Entry<String, ConfigValue> entry : defaults.getObject(path).entrySet()) {
      if (entry.getValue() instanceof ConfigObject) {
        refuseOtherThanObjects(path + "." + entry.getKey(), given, defaults);
      }
    }
  }
}
