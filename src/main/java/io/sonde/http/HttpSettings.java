package io.sonde.http;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import java.time.Duration;

/**
 * What the configuration says under {@code sonde.http}.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one
 * @param maxConnections connections at a time
 * @param maxBody bytes of one request's body
 * @param maxBodies bytes of all bodies in memory at a time
 * @param requestTimeout after which a request is answered 503
 * @param shutdownDeadline how long requests may go on at shutdown
 * @param defaultLimit answers to a question without a limit
 */
public record HttpSettings(
    String host,
    int port,
    int maxConnections,
    long maxBody,
    long maxBodies,
    Duration requestTimeout,
    Duration shutdownDeadline,
    int defaultLimit) {

  // Beyond an hour a mistyped unit is likelier than a wish.
  private static final Duration LONGEST = Duration.ofHours(1);
  // A body is one array of bytes.
  private static final long LARGEST_BODY = 1L << 30;

  /** Reads the settings from the whole configuration. */
  public static HttpSettings from(Config config) {
    Keys keys = new Keys(config);
    return new HttpSettings(
        keys.text("host"),
        (int) keys.number("port", 0, 65_535),
        (int) keys.number("max-connections", 1, 1_000_000),
        keys.bytes("max-body", 1024, LARGEST_BODY),
        keys.bytes("max-bodies", 1024, Long.MAX_VALUE),
        keys.duration("request-timeout"),
        keys.duration("shutdown-deadline"),
        (int) keys.number("default-limit", 1, Integer.MAX_VALUE));
  }

  /** Reads keys of the section; what is wrong is reported with path and expectation. */
  private record Keys(Config config) {
    private static String path(String key) {
      return "sonde.http." + key;
    }

    String text(String key) {
      try {
        String text = config.getString(path(key));
        if (!text.isBlank()) {
          return text;
        }
      } catch (com.typesafe.config.ConfigException e) {
        // Reported below.
      }
      throw wrong(key, "an address or a host name");
    }

    long number(String key, long least, long greatest) {
      try {
        long number = config.getLong(path(key));
        if (number >= least && number <= greatest) {
          return number;
        }
      } catch (com.typesafe.config.ConfigException e) {
        // Reported below.
      }
      throw wrong(key, "a number from " + least + " to " + greatest);
    }

    long bytes(String key, long least, long greatest) {
      try {
        long bytes = config.getMemorySize(path(key)).toBytes();
        if (bytes >= least && bytes <= greatest) {
          return bytes;
        }
      } catch (com.typesafe.config.ConfigException e) {
        // Reported below.
      }
      throw wrong(key, "a size from " + least + " to " + greatest + " bytes, such as 64MiB");
    }

    Duration duration(String key) {
      try {
        Duration duration = config.getDuration(path(key));
        if (!duration.isNegative() && !duration.isZero() && duration.compareTo(LONGEST) <= 0) {
          return duration;
        }
      } catch (com.typesafe.config.ConfigException e) {
        // Reported below.
      }
      throw wrong(key, "a duration up to an hour, such as 30s");
    }

    private ConfigException wrong(String key, String expected) {
      String value =
          config.hasPathOrNull(path(key)) && !config.getIsNull(path(key))
              ? config.getValue(path(key)).unwrapped().toString()
              : "nothing";
      return new ConfigException(path(key), value, expected);
    }
  }
}
