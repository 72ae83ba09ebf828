package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishersTest {
  private final Publishers publishers = new Publishers("secret");

  /** None of them connects to anybody when it is made. */
  @ParameterizedTest
  @CsvSource({
    "amqp://h.invalid, AmqpPublisher",
    "amqps://h.invalid, AmqpPublisher",
    "file:///x, FilePublisher",
    "'kafka://h.invalid,g.invalid', KafkaPublisher",
    "notifier://u:p@h.invalid:5672/?topic=x, AmqpPublisher",
    "opentelemetryhttp://h.invalid:4318/v1/metrics, OtlpPublisher",
    "otlp://h.invalid, OtlpPublisher",
    "otlps://h.invalid, OtlpPublisher",
    "prometheus://h.invalid, PrometheusPublisher",
    "prometheus+https://h.invalid, PrometheusPublisher",
    "tcp://h.invalid, TcpPublisher",
    "udp://h.invalid, UdpPublisher"
  })
  void aSchemeNamesItsPublisher(String url, String name) {
    Publisher publisher = publishers.create(PublisherUrl.of(url, "p[0]"));
    assertThat(publisher.getClass().getSimpleName()).isEqualTo(name);
    publisher.close();
  }

  @Test
  void whatNobodyKnowsIsRefusedWithWhatIsKnown() {
    assertThatThrownBy(() -> publishers.create(PublisherUrl.of("zaqar://?queue=q", "p[0]")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("p[0]")
        .hasMessageContaining("collector://, amqp://…")
        .hasMessageContaining("udp://…");
  }
}
