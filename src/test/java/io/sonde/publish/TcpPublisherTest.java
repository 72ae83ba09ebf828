package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.MeterType;
import io.sonde.server.Wait;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpPublisherTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final MessageSignature SIGNATURE = new MessageSignature("secret");

  private FramedConsumer consumer;

  @BeforeEach
  void open() throws IOException {
    consumer = new FramedConsumer();
  }

  @AfterEach
  void close() throws IOException {
    consumer.close();
  }

  @Test
  void whenItReturnsTheConsumerHasAll() throws IOException {
    Publisher.Outgoing large =
        TestSamples.outgoing(
            MeterType.GAUGE, "m", "r", 1, Map.of("text", "x".repeat(65_500)), Map.of());
    List<Publisher.Outgoing> samples = new ArrayList<>(TestSamples.numbered(0, 500));
    samples.add(large);
    samples.add(TestSamples.full());
    publisher("").publish(samples);
    List<Map<String, Object>> messages = consumer.messages();
    assertThat(messages).hasSize(502);
    assertThat(messages.subList(0, 500))
        .extracting(message -> message.get("counter_volume"))
        .isSorted();
    for (Map<String, Object> message : messages) {
      assertThat(message)
          .containsEntry("publisher_id", HostName.OWN)
          .containsEntry("message_signature", SIGNATURE.of(message));
    }
    assertThat(messages.get(501)).containsEntry("counter_volume", 120_000_000_000L);
  }

  @Test
  void nothingIsLostWhenTheConsumerIsKilledAndStartedAgain() throws IOException {
    int count = 40_000;
    Handover handover = Handover.start(publisher(""), count, 100);
    for (int kill = 1; kill <= 3; kill++) {
      int seen = kill * 5_000;
      Wait.until(SOON, seen + " samples", () -> handover.taken() >= seen);
      consumer.kill();
      int failures = handover.failures();
      Wait.until(SOON, "a failure", () -> handover.failures() > failures);
      consumer.start();
    }
    handover.join();
    Handover.assertComplete(consumer.numbers(), count);
  }

  @Test
  void aPortWhereNobodyListensNeverSeemsToHaveTakenAnything() throws IOException {
    // The system lends its even ports in turn to connections, so one of these would lead to itself.
    int port = ServerProcess.freePort() & ~1;
    for (int i = 0; i < 30_000; i++) {
      assertThatThrownBy(() -> TcpConnection.open("127.0.0.1", port, SOON))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aConsumerThatReadsNothingHoldsNobodyForEver() throws IOException {
    consumer.stall();
    assertThatThrownBy(() -> publisher("?timeout=1").publish(TestSamples.numbered(0, 10)))
        .isInstanceOf(SocketTimeoutException.class);
    TcpPublisher kept = publisher("?timeout=1&confirm=false");
    assertThatThrownBy(() -> kept.publish(TestSamples.numbered(0, 50_000)))
        .isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void withoutConfirmationOneConnectionStaysAndIsMadeAnew() throws IOException {
    TcpPublisher publisher = publisher("?confirm=false");
    publisher.publish(TestSamples.numbered(0, 10));
    publisher.publish(TestSamples.numbered(10, 20));
    Wait.until(SOON, "20 samples", () -> consumer.numbers().size() == 20);
    consumer.kill();
    Wait.until(SOON, "the end of the connection", () -> !consumer.isConnected());
    // What is written before this side hears of the end is lost: that is what confirm is for.
    Wait.until(SOON, "the end of the connection here", () -> fails(publisher));
    assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(20, 30)))
        .isInstanceOf(ConnectException.class);
    consumer.start();
    publisher.publish(TestSamples.numbered(20, 30));
    Wait.until(SOON, "30 samples", () -> consumer.numbers().size() == 30);
    Handover.assertComplete(consumer.numbers(), 30);
    publisher.close();
  }

  private static boolean fails(TcpPublisher publisher) {
    try {
      publisher.publish(TestSamples.numbered(20, 30));
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private TcpPublisher publisher(String options) {
    return new TcpPublisher(
        PublisherUrl.of("tcp://127.0.0.1:" + consumer.port() + options, "p[0]"), SIGNATURE);
  }
}
