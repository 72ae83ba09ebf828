package io.sonde.publish;

import com.rabbitmq.client.ConnectionFactory;
import java.time.Duration;
import java.util.List;

/** What the URL of a publisher to RabbitMQ says. */
final class AmqpUrl {
  private static final List<String> POLICIES = List.of("default", "drop", "queue");

  private final PublisherUrl url;
  private final String topic;
  private final String exchange;
  private final boolean isDurable;
  private final Duration timeout;

  AmqpUrl(PublisherUrl url) {
    this.url =
        url.allow(
            "topic",
            "exchange",
            "durable",
            "ssl",
            "timeout",
            // The original's. The journal is the queue, and nothing is given up: without effect.
            "policy",
            "max_queue_length",
            "max_retry",
            "driver",
            "per_meter_topic");
    if (url.location().isEmpty()) {
      throw url.error(
          "a URL that names a broker, such as "
              + url.scheme()
              + "://user:password@host:5672/; to store samples here write "
              + Publishers.COLLECTOR);
    }
    topic = url.option("topic").map(given -> text("topic", given)).orElse(null);
    exchange = text("exchange", "ceilometer");
    isDurable = url.flag("durable", true);
    timeout = Duration.ofSeconds(url.integer("timeout", 10, 1, 600));
    String policy = text("policy", "default");
    if (!POLICIES.contains(policy)) {
      throw url.error("a URL whose policy is one of " + String.join(", ", POLICIES));
    }
    url.integer("max_queue_length", 1024, 0, Integer.MAX_VALUE);
    url.integer("max_retry", 100, 0, Integer.MAX_VALUE);
    url.flag("per_meter_topic", false);
  }

  private String text(String option, String absent) {
    String text = url.option(option).orElse(absent);
    if (text.isBlank()) {
      throw url.error("a URL whose " + option + " is not empty");
    }
    return text;
  }

  /** The event type of notifications of samples, from which the queue has its name. */
  String topic() {
    return topic == null ? "metering" : topic;
  }

  /** The same of notifications of events. */
  String eventTopic() {
    return topic == null ? "event" : topic;
  }

  String exchange() {
    return exchange;
  }

  /** The queue of a topic, and the routing key that leads to it. */
  static String queue(String topic) {
    return topic + ".sample";
  }

  boolean isDurable() {
    return isDurable;
  }

  Duration timeout() {
    return timeout;
  }

  /** Makes connections that end on their own when something is wrong, and are not mended. */
  ConnectionFactory factory() {
    return AmqpConnection.factory(url, url.flag("ssl", url.scheme().equals("amqps")), timeout);
  }
}
