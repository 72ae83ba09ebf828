package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.server.Wait;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Publishes to a real Kafka broker. */
@Timeout(240)
class KafkaPublisherIT {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final MessageSignature SIGNATURE = new MessageSignature("secret");

  @TempDir static Path folder;
  private static TestKafka kafka;

  @BeforeAll
  static void start() throws IOException {
    kafka = new TestKafka(folder);
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void aRecordIsOneSignedMessageUnderItsResource() {
    Publisher.Outgoing large =
        TestSamples.outgoing(MeterType.GAUGE, "m", "r", 1, Map.of("text", noise(62_000)), Map.of());
    KafkaPublisher publisher = publisher("?topic=shape");
    Handover.publish(publisher, List.of(TestSamples.full(), large, TestSamples.numbered(7)));
    publisher.close();
    List<ConsumerRecord<String, String>> records = records("shape");
    assertThat(records).hasSize(2);
    for (ConsumerRecord<String, String> record : records) {
      Map<String, Object> message = MetadataValues.of(Metadata.ofCanonicalJson(record.value()));
      assertThat(record.key()).isEqualTo(message.get("resource_id"));
      assertThat(message)
          .containsEntry("message_signature", SIGNATURE.of(message))
          .containsKey("monotonic_time");
      assertThat(message.get("counter_volume")).isIn(120_000_000_000L, 7L);
    }
    assertThat(LeftOut.SAMPLES.labelValues(url("?topic=shape").shown(), "too_large").get())
        .isEqualTo(1);
  }

  @Test
  void anEventIsARecordUnderItsType() {
    KafkaPublisher publisher = publisher("?topic=happened");
    Wait.until(Handover.LIMIT, "an event", () -> isTaken(publisher));
    publisher.close();
    List<ConsumerRecord<String, String>> records = records("happened");
    assertThat(records).hasSize(1);
    assertThat(records.get(0).key()).isEqualTo("compute.instance.create.end");
    Map<String, Object> message = MetadataValues.of(records.get(0).value());
    assertThat(message).containsEntry("message_signature", SIGNATURE.of(message));
  }

  private static boolean isTaken(KafkaPublisher publisher) {
    try {
      publisher.publishEvents(List.of(TestEvents.FULL));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aBrokerThatStandsStillHoldsNobodyForEver() throws Exception {
    KafkaPublisher publisher = publisher("?topic=paused&timeout=2");
    Handover.publish(publisher, TestSamples.numbered(0, 1));
    kafka.pause(true);
    try {
      long start = System.nanoTime();
      assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(1, 30_000)))
          .isInstanceOf(IOException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    } finally {
      kafka.pause(false);
    }
    Handover.publish(publisher, TestSamples.numbered(1, 100));
    publisher.close();
    Handover.assertComplete(
        numbers("paused").stream().filter(number -> number < 100).toList(), 100);
  }

  @Test
  void nothingIsLostWhenItIsStoppedKilledAndStartedAgain() throws Exception {
    int count = 60_000;
    KafkaPublisher publisher = publisher("?timeout=5");
    Handover handover = Handover.start(publisher, count, 200);
    Wait.until(SOON, "a quarter", () -> handover.taken() >= count / 4);
    kafka.stop();
    Wait.until(SOON, "a failure", () -> handover.failures() > 0);
    kafka.start();
    Wait.until(SOON, "a half", () -> handover.taken() >= count / 2);
    int failures = handover.failures();
    kafka.kill();
    Wait.until(SOON, "a failure", () -> handover.failures() > failures);
    kafka.start();
    handover.join();
    publisher.close();
    Handover.assertComplete(numbers("ceilometer"), count);
  }

  /** Text that no compression makes small. */
  private static String noise(int length) {
    StringBuilder text = new StringBuilder();
    new Random(1).ints(length, 'a', 'z').forEach(c -> text.append((char) c));
    return text.toString();
  }

  private static PublisherUrl url(String options) {
    return PublisherUrl.of("kafka://127.0.0.1:" + kafka.port() + options, "p[0]");
  }

  private static KafkaPublisher publisher(String options) {
    return new KafkaPublisher(url(options), SIGNATURE);
  }

  /** All records of a topic, those of one partition in their order. */
  private static List<ConsumerRecord<String, String>> records(String topic) {
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", "127.0.0.1:" + kafka.port()),
            new StringDeserializer(),
            new StringDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = consumer.endOffsets(partitions).values().stream().mapToLong(n -> n).sum();
      List<ConsumerRecord<String, String>> records = new ArrayList<>();
      long deadline = System.nanoTime() + SOON.toNanos();
      while (records.size() < end && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
      assertThat(records).hasSize((int) end);
      return records;
    }
  }

  private static List<Integer> numbers(String topic) {
    return records(topic).stream()
        .map(record -> MetadataValues.of(Metadata.ofCanonicalJson(record.value())))
        .map(message -> ((Long) message.get("counter_volume")).intValue())
        .toList();
  }
}
