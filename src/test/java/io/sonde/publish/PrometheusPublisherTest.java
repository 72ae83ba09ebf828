package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import io.sonde.model.MeterType;
import io.sonde.publish.HttpReceiver.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xerial.snappy.Snappy;

class PrometheusPublisherTest {
  @Test
  void writesSeriesWithTheirLabels() throws IOException {
    try (HttpReceiver receiver = new HttpReceiver(request -> new Answer(204))) {
      publisher(receiver, "u%40x:p", "/api/v1/push", "")
          .publish(
              List.of(
                  TestSamples.outgoing(
                      MeterType.CUMULATIVE,
                      "1.disk-read",
                      "r1",
                      5.5,
                      Map.of(),
                      Map.of("9-x", "a", "type", "b", "__name__", "c", "d", "")),
                  TestSamples.numbered(2),
                  TestSamples.numbered(6),
                  TestSamples.numbered(4)));
      HttpReceiver.Request request = receiver.requests().get(0);
      assertThat(request.path()).isEqualTo("/api/v1/push");
      assertThat(request.authorization()).isEqualTo("Basic dUB4OnA=");
      assertThat(request.contentType()).isEqualTo("application/x-protobuf");
      List<ProtobufFields> series = series(request);
      assertThat(series).hasSize(3);
      assertThat(labels(series.get(0)).toString())
          .as("in order of their names")
          .isEqualTo(
              "{_9_x=a, __name__=_1_disk_read, _name__=c, resource_id=r1, source=test, "
                  + "type=cumulative, type_=b, unit=ns, user_id=u1}");
      assertThat(series.get(0).message(2).decimal(1)).isEqualTo(5.5);
      assertThat(series.get(0).message(2).number(2)).isEqualTo(1_767_225_605_000L);
      assertThat(series.get(1).messages(2))
          .extracting(sample -> sample.decimal(1))
          .containsExactly(2.0, 6.0);
      assertThat(labels(series.get(2))).containsEntry("__name__", "disk_usage");
    }
  }

  /** Like a receiver that takes nothing of a request in which it does not like one sample. */
  @Test
  void onlyTheSamplesThatAreToBlameAreLeftOut() throws IOException {
    List<Integer> received = new ArrayList<>();
    try (HttpReceiver receiver =
        new HttpReceiver(
            request -> {
              List<Integer> numbers = numbers(request);
              if (numbers.contains(7) || numbers.contains(600)) {
                return new Answer(400);
              }
              received.addAll(numbers);
              return new Answer(204);
            })) {
      PrometheusPublisher publisher = publisher(receiver, null, "", "");
      publisher.publish(TestSamples.numbered(0, 1_000));
      assertThat(received)
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, 1_000).filter(i -> i != 7 && i != 600).boxed().toList());
      assertThat(LeftOut.SAMPLES.labelValues(url(receiver, null, "", "").shown(), "refused").get())
          .isEqualTo(2);
    }
  }

  @Test
  void whatItHasDoesNotComeAgainWithTheRest() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    try (HttpReceiver receiver =
        new HttpReceiver(request -> new Answer(calls.incrementAndGet() == 3 ? 503 : 204))) {
      PrometheusPublisher publisher = publisher(receiver, null, "", "");
      assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(0, 1_500)))
          .hasMessageContaining("503");
      publisher.publish(TestSamples.numbered(0, 2_000));
      assertThat(receiver.requests().stream().map(r -> numbers(r).size()))
          .containsExactly(500, 500, 500, 500, 500);
      assertThat(numbers(receiver.requests().get(3))).contains(1_000, 1_499);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 401, 403, 404, 429, 500, 503})
  void whatMayPassIsAFailure(int status) {
    try (HttpReceiver receiver = new HttpReceiver(request -> new Answer(status))) {
      assertThatThrownBy(
              () -> publisher(receiver, null, "", "").publish(TestSamples.numbered(0, 9)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("status " + status);
      assertThat(receiver.requests()).hasSize(1);
    }
  }

  @Test
  void aReceiverThatIsAwayOrSilentIsAFailure() {
    CountDownLatch end = new CountDownLatch(1);
    HttpReceiver receiver =
        new HttpReceiver(
            request -> {
              awaitQuietly(end);
              return new Answer(204);
            });
    PrometheusPublisher publisher = publisher(receiver, null, "", "?timeout=1");
    assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(0, 9)))
        .isInstanceOf(SocketTimeoutException.class);
    end.countDown();
    receiver.close();
    assertThatThrownBy(() -> publisher.publish(TestSamples.numbered(0, 9)))
        .hasCauseInstanceOf(ConnectException.class);
  }

  @Test
  void aUrlThatCannotBeIsRefused() {
    assertThatThrownBy(() -> publisher("prometheus://h:9091/metrics/job/x"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Pushgateway");
    assertThatThrownBy(() -> publisher("prometheus://"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("host");
  }

  private static void awaitQuietly(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<ProtobufFields> series(HttpReceiver.Request request) {
    try {
      return ProtobufFields.of(Snappy.uncompress(request.body())).messages(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Integer> numbers(HttpReceiver.Request request) {
    return series(request).stream()
        .flatMap(series -> series.messages(2).stream())
        .map(sample -> (int) sample.decimal(1))
        .toList();
  }

  private static Map<String, String> labels(ProtobufFields series) {
    Map<String, String> labels = new LinkedHashMap<>();
    series.messages(1).forEach(label -> labels.put(label.text(1), label.text(2)));
    return labels;
  }

  private static PrometheusPublisher publisher(String url) {
    return new PrometheusPublisher(PublisherUrl.of(url, "p[0]"));
  }

  private static PrometheusPublisher publisher(
      HttpReceiver receiver, String user, String path, String options) {
    return new PrometheusPublisher(url(receiver, user, path, options));
  }

  private static PublisherUrl url(HttpReceiver receiver, String user, String path, String options) {
    return PublisherUrl.of(
        "prometheus://"
            + (user == null ? "" : user + "@")
            + "127.0.0.1:"
            + receiver.port()
            + path
            + options,
        "p[0]");
  }
}
