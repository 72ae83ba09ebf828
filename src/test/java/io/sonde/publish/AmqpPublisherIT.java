package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.sonde.model.Metadata;
import io.sonde.server.Wait;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Publishes to a real RabbitMQ. Needs {@code rabbitmq-server}. */
@Tag("servers")
@Timeout(240)
class AmqpPublisherIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final MessageSignature SIGNATURE = new MessageSignature("secret");

  @TempDir static Path folder;
  private static TestRabbit rabbit;

  @BeforeAll
  static void start() throws IOException {
    rabbit = new TestRabbit(folder);
  }

  @AfterAll
  static void stop() {
    rabbit.close();
  }

  @Test
  void aNotificationIsWhatTheOriginalSends() throws Exception {
    AmqpPublisher publisher = publisher("?topic=other&topic=shape&policy=queue&max_queue_length=9");
    List<Publisher.Outgoing> samples = new ArrayList<>(TestSamples.numbered(0, 149));
    samples.add(TestSamples.full());
    publisher.publish(samples);
    publisher.close();

    List<GetResponse> messages = take("shape.sample");
    assertThat(messages).hasSize(2);
    AMQP.BasicProperties properties = messages.get(1).getProps();
    assertThat(properties.getContentType()).isEqualTo("application/json");
    assertThat(properties.getContentEncoding()).isEqualTo("utf-8");
    assertThat(properties.getDeliveryMode()).isEqualTo(2);
    assertThat(messages.get(1).getEnvelope().getExchange()).isEqualTo("ceilometer");
    assertThat(messages.get(1).getEnvelope().getRoutingKey()).isEqualTo("shape.sample");

    JsonNode body = JSON.readTree(messages.get(1).getBody());
    assertThat(body.required("oslo.version").asText()).isEqualTo("2.0");
    JsonNode message = JSON.readTree(body.required("oslo.message").asText());
    assertThat(message.required("publisher_id").asText())
        .isEqualTo("telemetry.publisher." + HostName.OWN);
    assertThat(message.required("event_type").asText()).isEqualTo("shape");
    assertThat(message.required("priority").asText()).isEqualTo("SAMPLE");
    assertThat(message.required("message_id").asText()).hasSize(36);
    assertThat(message.required("_unique_id").asText()).matches("[0-9a-f]{32}");
    assertThat(message.required("timestamp").asText())
        .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}");
    JsonNode payload = message.required("payload");
    assertThat(payload).hasSize(50);
    Map<String, Object> last =
        MetadataValues.of(Metadata.ofCanonicalJson(payload.get(49).toString()));
    assertThat(last)
        .containsEntry("counter_name", "cpu")
        .containsEntry("counter_volume", 120_000_000_000L)
        .containsEntry("message_signature", SIGNATURE.of(last));
  }

  @Test
  void eventsGoToAQueueOfTheirOwn() throws Exception {
    AmqpPublisher publisher = publisher("");
    publisher.publish(TestSamples.numbered(0, 1));
    publisher.publishEvents(List.of(TestEvents.FULL, TestEvents.numbered(2)));
    publisher.close();
    List<GetResponse> messages = take("event.sample");
    assertThat(messages).hasSize(1);
    JsonNode message =
        JSON.readTree(JSON.readTree(messages.get(0).getBody()).required("oslo.message").asText());
    assertThat(message.required("event_type").asText()).isEqualTo("event");
    assertThat(message.required("payload")).hasSize(2);
    JsonNode first = message.required("payload").get(0);
    assertThat(first.required("message_id").asText()).isEqualTo("m-1");
    Map<String, Object> read = MetadataValues.of(first.toString());
    assertThat(read).containsEntry("message_signature", SIGNATURE.of(read));
  }

  /** The original's collector declares its queue so, before or after. */
  @Test
  void whatIsThereWithOtherPropertiesIsTaken() throws Exception {
    try (Connection connection = connect()) {
      Channel channel = connection.createChannel();
      channel.exchangeDeclare("theirs", "topic", false);
      channel.queueDeclare("passing.sample", false, false, false, null);
    }
    AmqpPublisher publisher = publisher("?topic=passing&exchange=theirs");
    publisher.publish(TestSamples.numbered(0, 3));
    publisher.close();
    assertThat(numbers("passing.sample")).containsExactly(0, 1, 2);
  }

  @Test
  void whatNoQueueTakesIsAFailure() throws Exception {
    AmqpPublisher publisher = publisher("?topic=lost");
    publisher.publish(TestSamples.numbered(0, 3));
    try (Connection connection = connect()) {
      connection.createChannel().queueDelete("lost.sample");
    }
    assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(3, 6)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no queue");
    publisher.publish(TestSamples.numbered(3, 6));
    publisher.close();
    assertThat(numbers("lost.sample")).containsExactly(3, 4, 5);
  }

  /** More than the buffers on the way can hold, so that a write waits. */
  @Test
  void aBrokerThatStandsStillHoldsNobodyForEver() throws Exception {
    AmqpPublisher publisher = publisher("?topic=paused&timeout=1");
    publisher.publish(TestSamples.numbered(0, 1));
    rabbit.pause(true);
    try {
      long start = System.nanoTime();
      assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(1, 5_000)))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(1, 30_000)))
          .isInstanceOf(IOException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    } finally {
      rabbit.pause(false);
    }
    Handover.start(publisher, 100, 100).join();
    publisher.close();
    assertThat(numbers("paused.sample")).contains(0, 99);
  }

  @Test
  void nothingIsLostWhenItIsStoppedKilledAndStartedAgain() throws Exception {
    int count = 60_000;
    AmqpPublisher publisher = publisher("?timeout=5");
    Handover handover = Handover.start(publisher, count, 200);
    Wait.until(SOON, "a quarter", () -> handover.taken() >= count / 4);
    rabbit.stop();
    Wait.until(SOON, "a failure", () -> handover.failures() > 0);
    rabbit.start();
    Wait.until(SOON, "a half", () -> handover.taken() >= count / 2);
    int failures = handover.failures();
    rabbit.kill();
    Wait.until(SOON, "a failure", () -> handover.failures() > failures);
    rabbit.start();
    handover.join();
    publisher.close();
    Handover.assertComplete(numbers("metering.sample"), count);
  }

  private static AmqpPublisher publisher(String options) {
    return new AmqpPublisher(
        PublisherUrl.of(
            "notifier://guest:guest@127.0.0.1:" + rabbit.port() + "/" + options, "p[0]"),
        SIGNATURE);
  }

  private static Connection connect() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(rabbit.port());
    return factory.newConnection();
  }

  /** All that is in a queue. */
  private static List<GetResponse> take(String queue) throws Exception {
    List<GetResponse> messages = new ArrayList<>();
    try (Connection connection = connect()) {
      Channel channel = connection.createChannel();
      for (GetResponse next = channel.basicGet(queue, true);
          next != null;
          next = channel.basicGet(queue, true)) {
        messages.add(next);
      }
    }
    return messages;
  }

  private static List<Integer> numbers(String queue) throws Exception {
    List<Integer> numbers = new ArrayList<>();
    for (GetResponse message : take(queue)) {
      String inner = JSON.readTree(message.getBody()).required("oslo.message").asText();
      for (JsonNode sample : JSON.readTree(inner).required("payload")) {
        numbers.add(sample.required("counter_volume").asInt());
      }
    }
    return numbers;
  }
}
