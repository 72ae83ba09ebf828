package io.sonde.publish;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;

/** What the URL of a publisher to Kafka says. */
final class KafkaUrl {
  private static final int PORT = 9092;

  private final String topic;
  private final int timeoutMillis;
  private final Map<String, Object> producer;

  KafkaUrl(PublisherUrl url) {
    // The last three are the original's. The journal is the queue: without effect.
    url.allow("topic", "ssl", "timeout", "policy", "max_queue_length", "max_retry");
    topic = url.option("topic").orElse("ceilometer");
    if (!topic.matches("[a-zA-Z0-9._-]{1,249}")) {
      throw url.error("a URL whose topic has letters, digits, dots, - and _ only");
    }
    timeoutMillis = url.integer("timeout", 30, 1, 600) * 1_000;
    url.integer("max_queue_length", 1024, 0, Integer.MAX_VALUE);
    url.integer("max_retry", 100, 0, Integer.MAX_VALUE);
    producer = producer(brokers(url), url.flag("ssl", false), timeoutMillis);
  }

  private static List<String> brokers(PublisherUrl url) {
    List<String> brokers = new ArrayList<>();
    for (String broker : url.location().replaceFirst("/$", "").split(",", -1)) {
      if (!broker.matches("[^/@:]+(:\\d+)?|\\[[^]/@]+](:\\d+)?")) {
        throw url.error("a URL of brokers, such as kafka://host:9092,other:9092");
      }
      PublisherUrl one = url.withLocation(broker);
      String host = one.host();
      brokers.add((host.contains(":") ? "[" + host + "]" : host) + ":" + one.port(PORT));
    }
    return brokers;
  }

  private static Map<String, Object> producer(
      List<String> brokers, boolean isEncrypted, int timeoutMillis) {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    config.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, isEncrypted ? "SSL" : "PLAINTEXT");
    config.put(ProducerConfig.CLIENT_ID_CONFIG, "sonde");
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    // With more of them one could arrive whose predecessor was given up.
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeoutMillis);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(timeoutMillis, 10_000));
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeoutMillis);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    config.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    return config;
  }

  String topic() {
    return topic;
  }

  /** How long a batch may take to be sent, and as long again to be confirmed. */
  int timeoutMillis() {
    return timeoutMillis;
  }

  /** The producer's configuration, but for its serializers. */
  Map<String, Object> producer() {
    return producer;
  }
}
