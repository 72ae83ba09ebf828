package io.sonde.polling;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One entry of {@code sonde.polling.sources}.
 *
 * @param name unique among the sources
 * @param interval time between two polls of one resource
 * @param timeout after which an answer is not waited for any more
 * @param misses after how many looks that do not find a resource it is taken to be gone
 * @param meters patterns of the meter names to keep, valid ones
 * @param discoveries the ways to find its resources
 * @param resources those that it lists itself
 */
public record PollingSource(
    String name,
    Duration interval,
    Duration timeout,
    int misses,
    List<String> meters,
    List<DiscoveryCall> discoveries,
    List<PolledTarget> resources) {
  private static final Pattern PASSWORD = Pattern.compile("://[^/@]*:[^/@]*@");
  private static final Duration LONGEST_INTERVAL = Duration.ofDays(31);
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

  /**
   * A discovery and what it is told, written {@code name:parameter}.
   *
   * @param parameter empty for none
   */
  public record DiscoveryCall(String name, String parameter) {
    /** Takes Ceilometer's {@code name://parameter} as well. */
    static DiscoveryCall of(String text) {
      int colon = text.indexOf(':');
      if (colon < 0) {
        return new DiscoveryCall(text, "");
      }
      String parameter = text.substring(colon + 1);
      return new DiscoveryCall(
          text.substring(0, colon),
          parameter.startsWith("//") ? parameter.substring(2) : parameter);
    }

    /** What is behind a question mark may be a secret; two that differ there stay different. */
    @Override
    public String toString() {
      if (parameter.isEmpty()) {
        return name;
      }
      int query = parameter.indexOf('?');
      return name
          + ":"
          + (query < 0
              ? parameter
              : parameter.substring(0, query) + "?…" + digest(parameter.substring(query)));
    }

    private static String digest(String text) {
      return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8))
          .toString()
          .substring(0, 8);
    }
  }

  public PollingSource {
    meters = List.copyOf(meters);
    discoveries = List.copyOf(discoveries);
    resources = List.copyOf(resources);
  }

  /**
   * Reads an entry.
   *
   * @param polling has the values of what it does not give itself
   */
  static PollingSource from(ConfigSection section, ConfigSection polling, PollsterSet pollsters) {
    section.allow("name", "interval", "timeout", "misses", "meters", "discovery", "resources");
    String name = section.text("name", "a name");
    if (name.indexOf('/') >= 0) {
      // Entity ids are source/pollster/resource, so a slash would let two of them be one.
      throw new ConfigException(section.path("name"), name, "a name without a slash");
    }
    List<String> meters =
        section.has("meters") ? section.texts("meters", "a list of patterns") : List.of("*");
    NameFilter.of(meters, section.path("meters"));
    List<DiscoveryCall> discoveries = discoveries(section, pollsters);
    List<PolledTarget> resources = resources(section, pollsters);
    if (discoveries.isEmpty() && resources.isEmpty()) {
      throw new ConfigException(
          section.path("discovery"),
          section.shown("discovery"),
          "one of " + pollsters.discoveryNames() + ", or a list of resources beside it");
    }
    ConfigSection timed = section.has("timeout") ? section : polling;
    ConfigSection patient = section.has("misses") ? section : polling;
    return new PollingSource(
        name,
        section.duration("interval", Duration.ofMillis(1), LONGEST_INTERVAL),
        timed.duration("timeout", Duration.ofMillis(1), LONGEST_TIMEOUT),
        patient.integer("misses", 1, 1_000),
        meters,
        discoveries,
        resources);
  }

  private static List<DiscoveryCall> discoveries(ConfigSection section, PollsterSet pollsters) {
    List<String> texts =
        section.isList("discovery")
            ? section.texts("discovery", "a list of discoveries")
            : section.text("discovery").map(List::of).orElse(List.of());
    List<DiscoveryCall> calls = new ArrayList<>();
    for (String text : texts) {
      DiscoveryCall call = DiscoveryCall.of(text);
      if (pollsters.discovery(call.name()) == null) {
        throw new ConfigException(
            section.path("discovery"), text, "one of " + pollsters.discoveryNames());
      }
      if (PASSWORD.matcher(call.parameter()).find()) {
        throw new ConfigException(
            section.path("discovery"), shown(text), "a discovery without a password in its URL");
      }
      if (calls.contains(call)) {
        throw new ConfigException(
            section.path("discovery"), text, "a discovery that was not listed before");
      }
      calls.add(call);
    }
    return calls;
  }

  private static List<PolledTarget> resources(ConfigSection section, PollsterSet pollsters) {
    if (!section.has("resources")) {
      return List.of();
    }
    List<String> texts = section.texts("resources", "a list of URLs");
    List<PolledTarget> targets = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < texts.size(); i++) {
      String path = section.path("resources") + "[" + i + "]";
      PolledTarget target = target(path, texts.get(i), pollsters);
      if (!seen.add(target.pollster() + "/" + target.resourceId())) {
        throw new ConfigException(
            path, shown(texts.get(i)), "a resource that was not listed before");
      }
      targets.add(target);
    }
    return targets;
  }

  private static PolledTarget target(String path, String text, PollsterSet pollsters) {
    String expected = "a URL that begins with one of " + pollsters.schemeNames();
    try {
      URI url = new URI(text);
      String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      Pollster pollster = pollsters.ofScheme(scheme);
      if (pollster == null) {
        throw new ConfigException(path, shown(text), expected);
      }
      return pollster.target(url);
    } catch (URISyntaxException e) {
      throw new ConfigException(path, shown(text), expected);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(path, shown(text), e.getMessage());
    }
  }

  /** A URL without user, password or community: what is before an @ is nobody's business. */
  private static String shown(String url) {
    return url.replaceFirst("(?<=://)[^/@]*(?=@)", "***");
  }
}
