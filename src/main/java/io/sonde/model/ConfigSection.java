package io.sonde.model;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One object of the configuration with the path at which it stands, so that every error names the
 * place and the value. All settings are read through it.
 */
public final class ConfigSection {
  private final ConfigObject values;
  private final String path;

  private ConfigSection(ConfigObject values, String path) {
    this.values = values;
    this.path = path;
  }

  /** The section that stands at a path. */
  public static ConfigSection of(Config config, String path) {
    return new ConfigSection(config.root(), path);
  }

  public String path() {
    return path;
  }

  /** The full path of a key of this section. */
  public String path(String key) {
    return path + "." + key;
  }

  /** Refuses keys that nobody reads: they are misspelt more often than not. */
  public ConfigSection allow(String... keys) {
    List<String> known = List.of(keys);
    for (String key : new TreeSet<>(values.keySet())) {
      if (!known.contains(key)) {
        throw new ConfigException(path(key), key, "one of the keys " + String.join(", ", known));
      }
    }
    return this;
  }

  /** A text that must be there. */
  public String text(String key, String expected) {
    return text(key)
        .filter(text -> !text.isBlank())
        .orElseThrow(() -> new ConfigException(path(key), shown(key), expected));
  }

  /** A text; numbers and booleans count as their text. */
  public Optional<String> text(String key) {
    Optional<ConfigValue> value = value(key);
    value.ifPresent(
        present -> {
          if (present.valueType() == ConfigValueType.LIST
              || present.valueType() == ConfigValueType.OBJECT) {
            throw new ConfigException(path(key), shown(key), "a text");
          }
        });
    return value.map(present -> String.valueOf(present.unwrapped()));
  }

  /** A list of texts that must be there, empty or not. */
  public List<String> texts(String key, String expected) {
    List<String> texts = new ArrayList<>();
    for (ConfigValue entry : list(key, expected)) {
      if (entry.valueType() != ConfigValueType.STRING) {
        throw new ConfigException(path(key) + "[" + texts.size() + "]", show(entry), "a text");
      }
      texts.add((String) entry.unwrapped());
    }
    return texts;
  }

  /** A list of objects that must be there, empty or not. */
  public List<ConfigSection> sections(String key, String expected) {
    List<ConfigSection> sections = new ArrayList<>();
    for (ConfigValue entry : list(key, expected)) {
      String place = path(key) + "[" + sections.size() + "]";
      if (!(entry instanceof ConfigObject object)) {
        throw new ConfigException(place, show(entry), "an object { … }");
      }
      sections.add(new ConfigSection(object, place));
    }
    return sections;
  }

  /** An object; an empty one where none is. */
  public ConfigSection section(String key) {
    Optional<ConfigValue> value = value(key);
    if (value.isEmpty()) {
      return new ConfigSection(ConfigFactory.empty().root(), path(key));
    }
    if (!(value.get() instanceof ConfigObject object)) {
      throw new ConfigException(path(key), shown(key), "an object { … }");
    }
    return new ConfigSection(object, path(key));
  }

  /** A finite number; text is none, even where it reads as one. */
  public Optional<Double> number(String key) {
    Optional<ConfigValue> value = value(key);
    if (value.isPresent() && value.get().valueType() != ConfigValueType.NUMBER) {
      throw new ConfigException(path(key), shown(key), "a number");
    }
    return value.map(number -> ((Number) number.unwrapped()).doubleValue());
  }

  /** A finite number; a text that reads as one counts as well. */
  public Optional<Double> decimal(String key) {
    if (!isText(key)) {
      return number(key);
    }
    try {
      double number = Double.parseDouble(shown(key).trim());
      if (Double.isFinite(number)) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new ConfigException(path(key), shown(key), "a number");
  }

  /** True or false; as text too. */
  public boolean flag(String key, boolean absent) {
    Optional<ConfigValue> value = value(key);
    if (value.isEmpty()) {
      return absent;
    }
    return switch (shown(key).toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw new ConfigException(path(key), shown(key), "true or false");
    };
  }

  /**
   * A whole number within bounds that must be there; as text too, for values of the environment.
   */
  public int integer(String key, int least, int most) {
    String expected = "a whole number from " + least + " to " + most;
    long value = read(key, expected, config -> Long.parseLong(config.getString(key)));
    if (value < least || value > most) {
      throw new ConfigException(path(key), shown(key), expected);
    }
    return (int) value;
  }

  /** A duration within bounds that must be there. */
  public Duration duration(String key, Duration least, Duration most) {
    String expected =
        "a duration from " + spelled(least) + " to " + spelled(most) + ", such as 30s";
    Duration value = read(key, expected, config -> config.getDuration(key));
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new ConfigException(path(key), shown(key), expected);
    }
    return value;
  }

  /** A size within bounds that must be there, in bytes. */
  public long bytes(String key, long least, long most) {
    String expected = "a size from " + least + " to " + most + " bytes, such as 64MiB";
    long value = read(key, expected, config -> config.getMemorySize(key).toBytes());
    if (value < least || value > most) {
      throw new ConfigException(path(key), shown(key), expected);
    }
    return value;
  }

  public boolean has(String key) {
    return value(key).isPresent();
  }

  public boolean isText(String key) {
    return value(key).filter(value -> value.valueType() == ConfigValueType.STRING).isPresent();
  }

  public boolean isList(String key) {
    return value(key).filter(value -> value.valueType() == ConfigValueType.LIST).isPresent();
  }

  public boolean isObject(String key) {
    return value(key).filter(value -> value.valueType() == ConfigValueType.OBJECT).isPresent();
  }

  /** The file and line at which this section begins, for people. */
  public String place() {
    ConfigOrigin origin = values.origin();
    String file = origin.filename() != null ? origin.filename() : origin.resource();
    if (file == null) {
      return origin.description();
    }
    return origin.lineNumber() > 0 ? file + ", line " + origin.lineNumber() : file;
  }

  /** The value as errors show it; null where none is. */
  public String shown(String key) {
    return value(key).map(ConfigSection::show).orElse(null);
  }

  /** All that stands here, as maps, lists, texts, numbers and booleans. */
  public Map<String, Object> tree() {
    return values.unwrapped();
  }

  private <T> T read(String key, String expected, Function<Config, T> reader) {
    try {
      return reader.apply(values.toConfig());
    } catch (com.typesafe.config.ConfigException | NumberFormatException e) {
      throw new ConfigException(path(key), shown(key), expected);
    }
  }

  private static String spelled(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + "s"
        : duration.toMillis() + "ms";
  }

  private List<? extends ConfigValue> list(String key, String expected) {
    ConfigValue value =
        value(key).orElseThrow(() -> new ConfigException(path(key), null, expected));
    if (!(value instanceof ConfigList list)) {
      throw new ConfigException(path(key), show(value), expected);
    }
    return list;
  }

  private Optional<ConfigValue> value(String key) {
    return Optional.ofNullable(values.get(key))
        .filter(value -> value.valueType() != ConfigValueType.NULL);
  }

  private static String show(ConfigValue value) {
    return value.valueType() == ConfigValueType.STRING
        ? (String) value.unwrapped()
        : value.render(ConfigRenderOptions.concise());
  }
}
