package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import io.sonde.model.MeterType;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UdpPublisherTest {
  private static final MessageSignature SIGNATURE = new MessageSignature("secret");

  private DatagramSocket consumer;
  private UdpPublisher publisher;

  @BeforeEach
  void open() throws IOException {
    consumer = consumer(0);
    publisher = new UdpPublisher(url(), SIGNATURE);
  }

  @AfterEach
  void close() {
    publisher.close();
    consumer.close();
  }

  @Test
  void aDatagramIsOneSignedSample() throws IOException {
    publisher.publish(List.of(TestSamples.full(), TestSamples.numbered(3)));
    Map<String, Object> message = receive();
    assertThat(message)
        .containsEntry("counter_name", "cpu")
        .containsEntry("counter_volume", 120_000_000_000L)
        .containsEntry("project_id", null)
        .containsEntry("message_id", TestSamples.full().id())
        .containsEntry(
            "resource_metadata",
            Map.of("flavor", Map.of("ram", 512L), "tags", List.of("x", "\u00e9")));
    assertThat(message.get("message_signature"))
        .isEqualTo(SIGNATURE.of(message))
        .asString()
        .hasSize(64);
    assertThat(receive()).containsEntry("counter_volume", 3L);
  }

  @Test
  void whatFitsIntoNoDatagramIsCountedAndPassedOver() throws IOException {
    Publisher.Outgoing large =
        TestSamples.outgoing(
            MeterType.GAUGE, "m", "r", 1, Map.of("text", "x".repeat(65_500)), Map.of());
    publisher.publish(List.of(large, TestSamples.numbered(3)));
    assertThat(receive()).containsEntry("counter_volume", 3L);
    assertThat(LeftOut.SAMPLES.labelValues(url().shown(), "too_large").get()).isEqualTo(1);
  }

  @Test
  void aConsumerThatIsAwayIsFoundAgain() throws IOException {
    publisher.publish(TestSamples.numbered(0, 2));
    assertThat(receive()).containsEntry("counter_volume", 0L);
    int port = consumer.getLocalPort();
    consumer.close();
    // This host says so at once; others may say it later, or never.
    assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(2, 3)))
        .isInstanceOf(PortUnreachableException.class);
    consumer = consumer(port);
    publisher.publish(TestSamples.numbered(2, 4));
    assertThat(receive()).containsEntry("counter_volume", 2L);
    assertThat(receive()).containsEntry("counter_volume", 3L);
  }

  @Test
  void aUrlNamesAHostAndNoOptions() {
    assertThatThrownBy(
            () -> new UdpPublisher(PublisherUrl.of("udp://h?queue=1", "p[0]"), SIGNATURE))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("queue");
    assertThatThrownBy(() -> new UdpPublisher(PublisherUrl.of("udp://", "p[0]"), SIGNATURE))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("host");
  }

  private static DatagramSocket consumer(int port) throws IOException {
    DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(10_000);
    return socket;
  }

  private Map<String, Object> receive() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
    consumer.receive(packet);
    return PackedReader.map(Arrays.copyOf(packet.getData(), packet.getLength()));
  }

  private PublisherUrl url() {
    return PublisherUrl.of("udp://127.0.0.1:" + consumer.getLocalPort(), "p[0]");
  }
}
