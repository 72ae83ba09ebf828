package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.ConnectionFactory;
import io.sonde.model.ConfigException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmqpPublisherTest {
  @ParameterizedTest
  @CsvSource({
    "notifier://h, h, 5672, /, guest, guest",
    "amqp://u%40:p%2F+@h:5673/, h, 5673, /, u@, p/+",
    "amqp://u:p@h//, h, 5672, /, u, p",
    "amqp://u:p@h/%2F, h, 5672, /, u, p",
    "amqps://u:p@[::1]/cloud, ::1, 5671, cloud, u, p",
    "notifier://u:p@h/cloud?ssl=true, h, 5671, cloud, u, p"
  })
  void aUrlNamesTheBroker(
      String url, String host, int port, String virtualHost, String user, String password) {
    ConnectionFactory factory = new AmqpUrl(PublisherUrl.of(url, "p[0]")).factory();
    assertThat(factory.getHost()).isEqualTo(host);
    assertThat(factory.getPort()).isEqualTo(port);
    assertThat(factory.getVirtualHost()).isEqualTo(virtualHost);
    assertThat(factory.getUsername()).isEqualTo(user);
    assertThat(factory.getPassword()).isEqualTo(password);
    assertThat(factory.isSSL()).isEqualTo(port == 5671);
  }

  @ParameterizedTest
  @CsvSource({
    "notifier://, collector://",
    "notifier, notifier://user:password@host",
    "notifier://h?policy=never, policy",
    "notifier://h?topic=, topic",
    "notifier://h?max_retry=x, max_retry",
    "amqp://h?durble=true, durble"
  })
  void aUrlThatCannotBeIsRefused(String url, String message) {
    assertThatThrownBy(() -> publisher(url))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aBrokerThatIsAwayOrSilentIsAFailure() throws IOException {
    ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    AmqpPublisher publisher = publisher("amqp://127.0.0.1:" + silent.getLocalPort() + "?timeout=1");
    assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(0, 3)))
        .isInstanceOf(IOException.class);
    silent.close();
    assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(0, 3)))
        .isInstanceOf(ConnectException.class);
    publisher.close();
  }

  private static AmqpPublisher publisher(String url) {
    return new AmqpPublisher(PublisherUrl.of(url, "p[0]"), new MessageSignature("secret"));
  }
}
