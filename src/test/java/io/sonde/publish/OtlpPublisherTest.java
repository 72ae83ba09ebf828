package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import io.sonde.model.MeterType;
import io.sonde.publish.HttpReceiver.Answer;
import io.sonde.server.Wait;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Field numbers are those of opentelemetry/proto/collector/metrics/v1 and metrics/v1. */
class OtlpPublisherTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final long CUMULATIVE = 2;
  private static final long DELTA = 1;

  @Test
  void everyTypeOfMeterIsWhatItIsInOtlp() throws IOException {
    try (HttpReceiver receiver = new HttpReceiver(request -> new Answer(200))) {
      publisher(receiver, "otlp", "", "")
          .publish(
              List.of(
                  sample(MeterType.GAUGE, "memory.usage", "r1", 5, Map.of()),
                  sample(MeterType.CUMULATIVE, "cpu", "r1", 7, Map.of("core", "1")),
                  sample(MeterType.DELTA, "cpu.delta", "r2", 1.5, Map.of()),
                  sample(MeterType.GAUGE, "memory.usage", "r1", 6, Map.of())));
      HttpReceiver.Request request = receiver.requests().get(0);
      assertThat(request.path()).isEqualTo("/v1/metrics");
      assertThat(request.contentType()).isEqualTo("application/x-protobuf");

      List<ProtobufFields> resources = ProtobufFields.of(request.body()).messages(1);
      assertThat(resources).hasSize(2);
      assertThat(attributes(resources.get(0).message(1).messages(1)))
          .isEqualTo(Map.of("resource_id", "r1", "user_id", "u1", "source", "test"));
      List<ProtobufFields> first = resources.get(0).message(2).messages(2);
      assertThat(first).extracting(metric -> metric.text(1)).containsExactly("memory.usage", "cpu");

      ProtobufFields gauge = first.get(0);
      assertThat(gauge.text(3)).isEqualTo("ns");
      assertThat(gauge.has(7)).isFalse();
      List<ProtobufFields> points = gauge.message(5).messages(1);
      assertThat(points).extracting(point -> point.decimal(4)).containsExactly(5.0, 6.0);
      assertThat(points.get(0).number(3)).as("nanoseconds").isEqualTo(1_767_225_605_000_000_000L);

      ProtobufFields counter = first.get(1).message(7);
      assertThat(counter.number(2)).isEqualTo(CUMULATIVE);
      assertThat(counter.number(3)).as("monotonic").isEqualTo(1);
      assertThat(attributes(counter.message(1).messages(7))).isEqualTo(Map.of("core", "1"));

      ProtobufFields delta = resources.get(1).message(2).message(2).message(7);
      assertThat(delta.number(2)).isEqualTo(DELTA);
      assertThat(delta.has(3)).as("monotonic").isFalse();
      assertThat(delta.message(1).decimal(4)).isEqualTo(1.5);
    }
  }

  @Test
  void whatIsRejectedInPartIsCountedAndNotSentAgain() throws IOException {
    byte[] partial =
        new Protobuf().message(1, new Protobuf().varint(1, 3).text(2, "too old")).toBytes();
    try (HttpReceiver receiver = new HttpReceiver(request -> new Answer(200, partial))) {
      publisher(receiver, "otlp", "", "").publish(TestSamples.numbered(0, 10));
      assertThat(receiver.requests()).hasSize(1);
      assertThat(leftOut(receiver, "rejected")).isEqualTo(3);
    }
  }

  @Test
  void anAnswerIsRead() throws IOException {
    assertThat(OtlpAnswer.of(new byte[0])).isEqualTo(new OtlpAnswer(0, ""));
    byte[] warning = new Protobuf().message(1, new Protobuf().text(2, "slow")).toBytes();
    assertThat(OtlpAnswer.of(warning)).isEqualTo(new OtlpAnswer(0, "slow"));
    assertThatThrownBy(() -> OtlpAnswer.of(new byte[] {'<', 'h', 't', 'm', 'l'}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("OTLP");
  }

  @Test
  void onlyWhatCanNeverBeTakenIsLeftOut() throws IOException {
    List<Integer> received = new ArrayList<>();
    try (HttpReceiver receiver =
        new HttpReceiver(
            request -> {
              List<Integer> numbers = numbers(request);
              if (numbers.contains(7)) {
                return new Answer(400);
              }
              received.addAll(numbers);
              return new Answer(200);
            })) {
      publisher(receiver, "otlp", "", "").publish(TestSamples.numbered(0, 20));
      assertThat(received).hasSize(19).doesNotContain(7);
      assertThat(leftOut(receiver, "refused")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404, 429, 502, 503, 504})
  void whatMayPassIsAFailure(int status) {
    try (HttpReceiver receiver = new HttpReceiver(request -> new Answer(status))) {
      assertThatThrownBy(
              () -> publisher(receiver, "otlp", "", "").publish(TestSamples.numbered(0, 9)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("status " + status);
      assertThat(receiver.requests()).hasSize(1);
    }
  }

  @Test
  void nothingIsLostWhenTheReceiverIsStoppedAndStartedAgain() {
    int count = 20_000;
    List<Integer> received = Collections.synchronizedList(new ArrayList<>());
    try (HttpReceiver receiver =
        new HttpReceiver(
            request -> {
              received.addAll(numbers(request));
              return new Answer(200);
            })) {
      Handover handover =
          Handover.start(
              publisher(receiver, "opentelemetryhttp", "/v1/metrics", "?timeout=5"), count, 100);
      for (int stop = 1; stop <= 2; stop++) {
        int seen = count / 4 * stop;
        Wait.until(SOON, seen + " samples", () -> handover.taken() >= seen);
        receiver.stop();
        int failures = handover.failures();
        Wait.until(SOON, "a failure", () -> handover.failures() > failures);
        receiver.start();
      }
      handover.join();
    }
    Handover.assertComplete(received, count);
  }

  @ParameterizedTest
  @CsvSource({"otlp://, host", "otlp://h?batch=1, batch", "otlp://h?timeout=0, timeout"})
  void aUrlThatCannotBeIsRefused(String url, String message) {
    assertThatThrownBy(() -> new OtlpPublisher(PublisherUrl.of(url, "p[0]")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  private static Publisher.Outgoing sample(
      MeterType type,
      String meter,
      String resource,
      double volume,
      Map<String, String> dimensions) {
    return TestSamples.outgoing(type, meter, resource, volume, Map.of(), dimensions);
  }

  private static Map<String, String> attributes(List<ProtobufFields> keyValues) {
    Map<String, String> attributes = new LinkedHashMap<>();
    keyValues.forEach(pair -> attributes.put(pair.text(1), pair.message(2).text(1)));
    return attributes;
  }

  /** The values of all gauges. */
  private static List<Integer> numbers(HttpReceiver.Request request) {
    return ProtobufFields.of(request.body()).messages(1).stream()
        .flatMap(resource -> resource.message(2).messages(2).stream())
        .flatMap(metric -> metric.message(5).messages(1).stream())
        .map(point -> (int) point.decimal(4))
        .toList();
  }

  private static double leftOut(HttpReceiver receiver, String reason) {
    return LeftOut.SAMPLES.labelValues(url(receiver, "otlp", "", "").shown(), reason).get();
  }

  private static OtlpPublisher publisher(
      HttpReceiver receiver, String scheme, String path, String options) {
    return new OtlpPublisher(url(receiver, scheme, path, options));
  }

  private static PublisherUrl url(
      HttpReceiver receiver, String scheme, String path, String options) {
    return PublisherUrl.of(scheme + "://127.0.0.1:" + receiver.port() + path + options, "p[0]");
  }
}
