package io.sonde.dynamic;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is asked, and how the answer is read. Definitions with equal questions share the answers.
 *
 * @param endpointType type of a service of the cloud, or null
 * @param address behind the service's endpoint, or a whole URL, or a command
 * @param isCommand whether it is a command
 * @param isLocal whether it is asked on every host, by itself
 * @param headers by their names
 * @param formats in the order in which they are tried
 * @param timeout of one request
 * @param entries where the entries are; null for the first key
 * @param nextPage where the URL of the next page is; null for none
 */
record Question(
    String endpointType,
    AddressFormula address,
    boolean isCommand,
    boolean isLocal,
    Authentication authentication,
    Map<String, String> headers,
    List<AnswerFormat> formats,
    Duration timeout,
    ValuePath entries,
    ValuePath nextPage) {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

  /** A formula that fixes the host. */
  private static final Pattern HOST = Pattern.compile("^\\s*(['\"])https?://[^/'\"\\\\@]+/");

  static final List<String> KEYS =
      List.of(
          "endpoint-type",
          "url-path",
          "host-command",
          "local",
          "authentication",
          "headers",
          "response-handlers",
          "timeout",
          "response-entries-key",
          "next-sample-url-attribute");

  Question {
    headers = Map.copyOf(headers);
    formats = List.copyOf(formats);
  }

  /**
   * Reads the keys of a definition that are of its question.
   *
   * @param allowsCommands whether commands may be run
   * @param parent the definition that this one tells more of, or null
   */
  static Question from(ConfigSection section, boolean allowsCommands, Question parent) {
    boolean isCommand = section.has("host-command");
    String endpointType =
        section.has("endpoint-type")
            ? section.text("endpoint-type", "the type of a service, such as dns")
            : null;
    if (isCommand) {
      checkCommand(section, allowsCommands);
    }
    if (!isCommand && section.flag("local", false)) {
      throw new ConfigException(
          section.path("local"), "true", "of use without a host-command: leave it out");
    }
    AddressFormula address =
        isCommand
            ? AddressFormula.command(
                section.text("host-command", "a command"),
                section.path("host-command"),
                parent != null)
            : AddressFormula.url(
                section.text("url-path", "what to ask for: a path or a URL"),
                section.path("url-path"),
                parent != null);
    if (!isCommand && endpointType == null && !isUrl(address) && parent != null) {
      endpointType = parent.endpointType();
    }
    if (!isCommand) {
      checkUrl(section, endpointType, address);
    }
    Authentication authentication = authentication(section, endpointType);
    Map<String, String> headers = headers(section);
    // Behind an endpoint the host is that of the endpoint, whatever a formula gives.
    boolean isSecret = authentication.isSecret() || (endpointType == null && !headers.isEmpty());
    if (isSecret && address.isComputed() && !HOST.matcher(address.toString()).find()) {
      throw new ConfigException(
          section.path("url-path"),
          address.toString(),
          "a formula that begins with a text such as 'https://host/': whom authentication and"
              + " headers are sent to must not be computed");
    }
    return new Question(
        endpointType,
        address,
        isCommand,
        section.flag("local", false),
        authentication,
        headers,
        formats(section),
        section.has("timeout")
            ? section.duration("timeout", Duration.ofMillis(1), LONGEST_TIMEOUT)
            : DEFAULT_TIMEOUT,
        path(section, "response-entries-key"),
        path(section, "next-sample-url-attribute"));
  }

  private static void checkCommand(ConfigSection section, boolean allowsCommands) {
    for (String key : List.of("endpoint-type", "url-path", "authentication", "headers")) {
      if (section.has(key)) {
        throw new ConfigException(
            section.path(key),
            section.isObject(key) ? "{…}" : section.shown(key),
            "of use beside a host-command: leave one of them out");
      }
    }
    if (section.has("next-sample-url-attribute")) {
      throw new ConfigException(
          section.path("next-sample-url-attribute"),
          section.shown("next-sample-url-attribute"),
          "taken with a host-command: what a command says is no command");
    }
    if (!allowsCommands) {
      throw new ConfigException(
          section.path("host-command"),
          // Commands hold passwords at times.
          "***",
          "allowed: set sonde.polling.pollsters.dynamic.allow-commands = true where everybody who"
              + " can change the configuration may run commands on the hosts");
    }
  }

  private static boolean isUrl(AddressFormula address) {
    String text = address.toString().toLowerCase(Locale.ROOT);
    return text.startsWith("http://")
        || text.startsWith("https://")
        || (address.isComputed() && (text.contains("http://") || text.contains("https://")));
  }

  private static void checkUrl(ConfigSection section, String endpointType, AddressFormula address) {
    String expected =
        endpointType == null
            ? "an http or https URL without user and password, where no endpoint-type is"
            : "a path";
    if (address.isComputed()) {
      return;
    }
    try {
      URI url = new URI(address.toString());
      boolean isWhole = isUrl(address) && url.getHost() != null && url.getRawUserInfo() == null;
      boolean isPath = url.getScheme() == null && url.getHost() == null;
      if ((endpointType == null ? isWhole : isPath) && url.getRawFragment() == null) {
        return;
      }
    } catch (URISyntaxException e) {
      // Told below, without what may be a password.
    }
    String shown =
        address.toString().replaceAll("//[^/@]*@", "//***@").replaceFirst("\\?.*", "?***");
    throw new ConfigException(section.path("url-path"), shown, expected);
  }

  private static Authentication authentication(ConfigSection section, String endpointType) {
    if (!section.has("authentication")) {
      return Authentication.NONE;
    }
    if (endpointType != null) {
      throw new ConfigException(
          section.path("authentication"),
          "{…}",
          "of use beside an endpoint-type: services of the cloud take the cloud's token");
    }
    return Authentication.from(section.section("authentication"));
  }

  private static Map<String, String> headers(ConfigSection section) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    ConfigSection given = section.section("headers");
    for (String name : given.tree().keySet()) {
      String value = given.text(name).orElse("");
      try {
        HttpRequest.newBuilder(URI.create("http://h/")).setHeader(name, value);
      } catch (IllegalArgumentException e) {
        // The value may be secret.
        throw new ConfigException(given.path(name), "***", "a header that can be sent");
      }
      headers.put(name, value);
    }
    return headers;
  }

  private static List<AnswerFormat> formats(ConfigSection section) {
    if (!section.has("response-handlers")) {
      return List.of(AnswerFormat.JSON);
    }
    List<AnswerFormat> formats = new ArrayList<>();
    for (String name : section.texts("response-handlers", "a list of json, xml, text")) {
      AnswerFormat format = null;
      for (AnswerFormat each : AnswerFormat.values()) {
        format = each.spelled().equals(name) ? each : format;
      }
      if (format == null) {
        throw new ConfigException(
            section.path("response-handlers"), name, "one of json, xml, text");
      }
      formats.add(format);
    }
    if (formats.isEmpty()) {
      throw new ConfigException(section.path("response-handlers"), "[]", "a list of some");
    }
    return formats;
  }

  static ValuePath path(ConfigSection section, String key) {
    return section.has(key)
        ? ValuePath.parse(section.text(key, "a path"), section.path(key))
        : null;
  }
}
