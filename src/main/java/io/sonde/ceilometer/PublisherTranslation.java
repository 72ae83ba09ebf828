package io.sonde.ceilometer;

import io.sonde.model.ConfigException;
import io.sonde.publish.PublisherUrl;
import io.sonde.publish.Publishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Translates the publishers of a sink. Ceilometer's own ways to its storage become the collectors;
 * the others keep their URLs where Sonde has such a publisher.
 */
final class PublisherTranslation {
  private static final Set<String> SAME = Set.of("udp", "http", "https", "kafka");
  private static final Set<String> STORING_DISPATCHERS = Set.of("database", "gnocchi");

  private final boolean isOfEvents;
  private final SinkCheck check;
  private final Remarks remarks;

  /**
   * @param isOfEvents whether events are published, not samples
   */
  PublisherTranslation(boolean isOfEvents, SinkCheck check, Remarks remarks) {
    this.isOfEvents = isOfEvents;
    this.check = check;
    this.remarks = remarks;
  }

  /** The URLs for Sonde, each once; those that cannot be are said. */
  List<String> translate(List<YamlValue> entries) {
    List<String> urls = new ArrayList<>();
    for (YamlValue entry : entries) {
      int saidBefore = remarks.count();
      String url = translate(entry).orElse(null);
      if (url == null) {
        continue;
      }
      if (isRefused(entry, url)) {
        remarks.withoutNotesSince(saidBefore);
        continue;
      }
      if (urls.contains(url)) {
        remarks.note(
            entry, "publishes to " + PublisherUrl.shown(url) + ", as one before it: is there once");
      } else {
        urls.add(url);
      }
    }
    return urls;
  }

  private Optional<String> translate(YamlValue entry) {
    try {
      return translate(
          entry, PublisherUrl.of(entry.text("the URL of a publisher"), "the publisher"));
    } catch (ConfigException e) {
      return lost(entry, e.getMessage());
    }
  }

  private Optional<String> translate(YamlValue entry, PublisherUrl url) {
    // Python's URLs do not tell upper from lower case in schemes.
    String scheme = url.scheme().toLowerCase(Locale.ROOT);
    String rest = url.text().substring(url.scheme().length());
    String same = scheme + rest;
    if (SAME.contains(scheme)) {
      return Optional.of(same);
    }
    return switch (scheme) {
      case "notifier" -> url.location().isEmpty() ? notifier(entry, url) : Optional.of(same);
      case "direct" -> direct(entry, url);
      case "tcp" -> tcp(entry, url, same);
      case "database" -> Optional.of(Publishers.COLLECTOR);
      case "gnocchi" -> gnocchi(entry);
      case "file" -> file(entry, url, same);
      case "opentelemetryhttp" -> Optional.of("otlp" + rest);
      case "prometheus" ->
          lost(
              entry,
              "prometheus:// posts to a Pushgateway there; Sonde speaks Prometheus' remote write,"
                  + " which needs the URL of a receiver");
      case "zaqar" -> lost(entry, "Sonde does not publish to Zaqar");
      case "test" -> lost(entry, "test:// keeps what it gets in memory, for tests of Ceilometer");
      default ->
          lost(entry, scheme + ":// is no publisher of Ceilometer's own, and none of Sonde's");
    };
  }

  /** Without a host it goes to the queue that Ceilometer's own collector reads, by default. */
  private Optional<String> notifier(YamlValue entry, PublisherUrl url) {
    String usual = isOfEvents ? "event" : "metering";
    String topic = url.option("topic").orElse(usual);
    if (!topic.equals(usual)) {
      return lost(
          entry,
          "goes to the topic "
              + topic
              + " of the message bus in ceilometer.conf, which others than the collector read:"
              + " name its host, notifier://HOST:PORT?topic="
              + topic);
    }
    String options = url.queryWithout("topic");
    if (!options.isEmpty()) {
      remarks.note(
          entry,
          "the options "
              + options
              + " are not needed: collectors acknowledge what they have, and take each sample once");
    }
    return Optional.of(Publishers.COLLECTOR);
  }

  private Optional<String> direct(YamlValue entry, PublisherUrl url) {
    String dispatcher = url.option("dispatcher").orElse("database");
    return STORING_DISPATCHERS.contains(dispatcher)
        ? Optional.of(Publishers.COLLECTOR)
        : lost(
            entry,
            "the dispatcher "
                + dispatcher
                + " has its settings in ceilometer.conf: name a publisher such as http://HOST/PATH"
                + " or file:///PATH");
  }

  private Optional<String> gnocchi(YamlValue entry) {
    remarks.note(
        entry,
        isOfEvents
            ? "Gnocchi only learned of resources from events; here the events are stored"
            : "Gnocchi kept the meters of gnocchi_resources.yaml, as averages, without those of its"
                + " own project; here every sample is stored, and sonde.retention says how long");
    return Optional.of(Publishers.COLLECTOR);
  }

  /** Ceilometer's consumers do not close a connection to say that they have all. */
  private Optional<String> tcp(YamlValue entry, PublisherUrl url, String same) {
    if (url.option("confirm").isPresent()) {
      return Optional.of(same);
    }
    remarks.note(
        entry,
        "confirm=false: as there, what is under way when the consumer dies is lost; leave it out for"
            + " a consumer that closes after each batch");
    return Optional.of(same + (same.contains("?") ? "&" : "?") + "confirm=false");
  }

  private Optional<String> file(YamlValue entry, PublisherUrl url, String same) {
    if (!url.flag("json", false)) {
      remarks.note(entry, "each line is a JSON object here; there, it was a text of Python's");
    }
    return Optional.of(same);
  }

  private boolean isRefused(YamlValue entry, String url) {
    if (url.equals(Publishers.COLLECTOR)) {
      return false;
    }
    Optional<String> refusal =
        check.refusal(Map.of("name", "sink", "publishers", List.of(Publishers.COLLECTOR, url)));
    refusal.ifPresent(
        why ->
            remarks.lost(
                entry,
                PublisherUrl.shown(url) + " is not taken: " + why.replace("publishers[1]: ", "")));
    return refusal.isPresent();
  }

  private Optional<String> lost(YamlValue entry, String why) {
    remarks.lost(entry, why);
    return Optional.empty();
  }
}
