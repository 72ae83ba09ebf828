package io.sonde.publish;

import io.sonde.model.ConfigException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The URL by which a sink names a publisher, as Ceilometer writes them: {@code
 * scheme://[user:password@]host[:port]/path?option=value&…}, or {@code file://path?option=value}.
 * Names and values of options are percent-encoded; of one that is given twice the last counts.
 * Errors name the place in the configuration and show the URL without its password.
 */
public final class PublisherUrl {
  private static final int MAX_PORT = 65_535;

  private final String text;
  private final String configPath;
  private final String scheme;
  private final String location;
  private final Map<String, String> options = new TreeMap<>();

  private PublisherUrl(String text, String configPath) {
    this.text = text;
    this.configPath = configPath;
    int end = text.indexOf("://");
    scheme = text.substring(0, end);
    int query = text.indexOf('?', end);
    location = text.substring(end + 3, query < 0 ? text.length() : query);
    if (query >= 0) {
      for (String option : text.substring(query + 1).split("&", -1)) {
        addOption(option);
      }
    }
  }

  /**
   * Takes a URL apart. A text without {@code ://} is a scheme alone.
   *
   * @param configPath where it stands, for errors
   */
  public static PublisherUrl of(String text, String configPath) {
    return new PublisherUrl(text.contains("://") ? text : text + "://", configPath);
  }

  /** The URL of another location under the same scheme and place, without options. */
  PublisherUrl withLocation(String other) {
    return new PublisherUrl(scheme + "://" + other, configPath);
  }

  private void addOption(String option) {
    if (option.isEmpty()) {
      return;
    }
    int equals = option.indexOf('=');
    String name = decoded(equals < 0 ? option : option.substring(0, equals));
    options.put(name, equals < 0 ? "" : decoded(option.substring(equals + 1)));
  }

  private String decoded(String part) {
    try {
      return URLDecoder.decode(part, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw error("a URL whose options are percent-encoded: " + part);
    }
  }

  /** The URL as configured: names the publisher's position. */
  public String text() {
    return text;
  }

  /** What stands before {@code ://}. */
  public String scheme() {
    return scheme;
  }

  /** All between {@code ://} and {@code ?}. */
  public String location() {
    return location;
  }

  /** The URL for people: without its password. */
  public String shown() {
    return shown(text);
  }

  /** A publisher's URL for people: without its password. */
  public static String shown(String text) {
    return text.replaceFirst("^([^:/?]+://[^:@/?]*):[^@/?]*@", "$1:***@");
  }

  /** What stands before {@code @}: {@code user:password}, percent-encoded; or null. */
  public String userInfo() {
    int at = authority().lastIndexOf('@');
    return at < 0 ? null : authority().substring(0, at);
  }

  /** The host, which must be there. */
  public String host() {
    String address = address();
    int colon = portColon(address);
    String host = colon < 0 ? address : address.substring(0, colon);
    if (host.isEmpty()) {
      throw error("a URL that names a host, such as " + scheme + "://localhost");
    }
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** The port, or another where none is given. */
  public int port(int absent) {
    String address = address();
    int colon = portColon(address);
    if (colon < 0) {
      return absent;
    }
    String port = address.substring(colon + 1);
    if (port.matches("\\d{1,5}")) {
      int number = Integer.parseInt(port);
      if (number > 0 && number <= MAX_PORT) {
        return number;
      }
    }
    throw error("a URL whose port is from 1 to " + MAX_PORT);
  }

  /** The path from its {@code /} on, as it stands; empty where none is. */
  public String path() {
    int slash = location.indexOf('/');
    return slash < 0 ? "" : location.substring(slash);
  }

  /** Refuses options that nobody reads. */
  public PublisherUrl allow(String... names) {
    List<String> known = List.of(names);
    for (String name : options.keySet()) {
      if (!known.contains(name)) {
        throw new ConfigException(
            configPath,
            shown(),
            "understood: the option " + name + " is none of " + String.join(", ", known));
      }
    }
    return this;
  }

  /** The value of an option. */
  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  /** An option that is a whole number within bounds. */
  public int integer(String name, int absent, int least, int most) {
    String value = options.get(name);
    if (value == null) {
      return absent;
    }
    if (value.matches("-?\\d{1,9}")) {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw error("a URL whose " + name + " is a whole number from " + least + " to " + most);
  }

  /**
   * An option that is true or false. {@code 1}, {@code yes} and the name alone are true, as well as
   * {@code True}.
   */
  public boolean flag(String name, boolean absent) {
    String value = options.get(name);
    if (value == null) {
      return absent;
    }
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "", "1", "true", "yes", "on" -> true;
      case "0", "false", "no", "off" -> false;
      default -> throw error("a URL whose " + name + " is true or false");
    };
  }

  /** The options that are left when these are taken out, as a query without its {@code ?}. */
  public String queryWithout(String... names) {
    List<String> taken = List.of(names);
    List<String> left = new ArrayList<>();
    int query = text.indexOf('?');
    if (query >= 0) {
      for (String option : text.substring(query + 1).split("&", -1)) {
        int equals = option.indexOf('=');
        if (!option.isEmpty()
            && !taken.contains(decoded(equals < 0 ? option : option.substring(0, equals)))) {
          left.add(option);
        }
      }
    }
    return String.join("&", left);
  }

  /** Says that this URL is not what is expected. */
  public ConfigException error(String expected) {
    return new ConfigException(configPath, shown(), expected);
  }

  private String authority() {
    int slash = location.indexOf('/');
    return slash < 0 ? location : location.substring(0, slash);
  }

  private String address() {
    return authority().substring(authority().lastIndexOf('@') + 1);
  }

  private static int portColon(String address) {
    int colon = address.lastIndexOf(':');
    return colon > address.lastIndexOf(']') ? colon : -1;
  }
}
