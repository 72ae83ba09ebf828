package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaPublisherTest {
  private static final MessageSignature SIGNATURE = new MessageSignature("secret");

  @Test
  void aUrlNamesBrokersAndTopic() {
    KafkaUrl url = new KafkaUrl(url("kafka://a,b:9093,[::1]:9094?policy=drop&max_retry=1"));
    assertThat(url.topic()).isEqualTo("ceilometer");
    assertThat(url.producer())
        .containsEntry(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, List.of("a:9092", "b:9093", "[::1]:9094"))
        .containsEntry(ProducerConfig.ACKS_CONFIG, "all")
        .containsEntry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    assertThat(new KafkaUrl(url("kafka://a/?topic=x")).topic()).isEqualTo("x");
  }

  @ParameterizedTest
  @CsvSource({
    "kafka://, brokers",
    "'kafka://a,,b', brokers",
    "kafka://user:x@a, brokers",
    "kafka://a/topic, brokers",
    "kafka://a:0, port",
    "kafka://a?topic=a%20b, topic",
    "kafka://a?acks=1, acks"
  })
  void aUrlThatCannotBeIsRefused(String url, String message) {
    assertThatThrownBy(() -> new KafkaPublisher(url(url), SIGNATURE))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("p[0]");
  }

  @Test
  void aBrokerThatIsAwayIsAFailure() {
    KafkaPublisher publisher =
        new KafkaPublisher(
            url("kafka://127.0.0.1:" + ServerProcess.freePort() + "?timeout=1"), SIGNATURE);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(0, 1_000)))
          .isInstanceOf(IOException.class);
    }
    publisher.close();
  }

  private static PublisherUrl url(String text) {
    return PublisherUrl.of(text, "p[0]");
  }
}
