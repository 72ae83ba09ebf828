package io.sonde.notification;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.publish.PublisherUrl;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A broker on which services tell what happens. Keys of an entry of {@code
 * sonde.notification.listeners}; what lists and {@code prefetch} do not say there, is said beside
 * it.
 *
 * @param url {@code amqp://} or, over TLS, {@code amqps://}
 * @param exchanges those of the services
 * @param topics names of queues without the priority
 * @param priorities in lower case
 * @param isDurable whether exchanges and queues that are not there yet outlive the broker
 * @param isAutoDelete whether they end with their last user
 * @param queueArguments further properties of queues that are not there yet
 * @param pool the name of the only queue, which is bound to what all would be; empty for one queue
 *     a topic and priority
 * @param prefetch messages that may be under way for each queue
 */
public record ListenerSettings(
    PublisherUrl url,
    List<String> exchanges,
    List<String> topics,
    List<String> priorities,
    boolean isDurable,
    boolean isAutoDelete,
    Map<String, Object> queueArguments,
    String pool,
    int prefetch) {
  private static final List<String> PRIORITIES =
      List.of("audit", "debug", "info", "warn", "error", "critical", "sample");

  /**
   * Reads one.
   *
   * @param all says what an entry leaves out
   */
  static ListenerSettings of(ConfigSection section, ConfigSection all) {
    section.allow(
        "url",
        "exchanges",
        "topics",
        "priorities",
        "durable",
        "auto-delete",
        "queue-arguments",
        "pool",
        "prefetch");
    PublisherUrl url =
        PublisherUrl.of(
            section.text("url", "a URL such as amqp://user:password@host:5672/"),
            section.path("url"));
    if (!Set.of("amqp", "amqps").contains(url.scheme()) || url.host().isEmpty()) {
      throw url.error("a URL such as amqp://user:password@host:5672/");
    }
    url.allow();
    return new ListenerSettings(
        url,
        names(section, all, "exchanges"),
        names(section, all, "topics"),
        priorities(section, all),
        section.flag("durable", false),
        section.flag("auto-delete", false),
        section.has("queue-arguments") ? section.section("queue-arguments").tree() : Map.of(),
        section.text("pool").orElse(""),
        (section.has("prefetch") ? section : all).integer("prefetch", 1, 65_535));
  }

  private static List<String> names(ConfigSection section, ConfigSection all, String key) {
    ConfigSection from = section.has(key) ? section : all;
    List<String> names = from.texts(key, "a list of names");
    if (names.isEmpty() || names.stream().anyMatch(String::isBlank)) {
      throw new ConfigException(from.path(key), names.toString(), "a list of at least one name");
    }
    return List.copyOf(names);
  }

  private static List<String> priorities(ConfigSection section, ConfigSection all) {
    List<String> priorities =
        names(section, all, "priorities").stream()
            .map(priority -> priority.toLowerCase(Locale.ROOT))
            .toList();
    for (String priority : priorities) {
      if (!PRIORITIES.contains(priority)) {
        ConfigSection from = section.has("priorities") ? section : all;
        throw new ConfigException(
            from.path("priorities"), priority, "one of " + String.join(", ", PRIORITIES));
      }
    }
    return priorities;
  }

  /** The broker, without the password. */
  public String shown() {
    return url.shown();
  }
}
