package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.model.Event;
import io.sonde.series.CorruptDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events on their ways: in the queue, in messages, in a file and over HTTP. */
class EventMessageTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MESSAGE =
      "{\"message_id\":\"m-1\",\"event_type\":\"compute.instance.create.end\","
          + "\"generated\":\"2026-01-01T00:00:00.000001\",\"traits\":["
          + "[\"at\",4,\"2026-01-01T00:00:00\"],[\"load\",3,1.5],[\"name\",1,\"é\"],[\"size\",2,-5]],"
          + "\"raw\":{\"payload\":{\"a\":[1,null]}}}";

  @TempDir Path folder;

  @Test
  void aMessageIsWhatTheOriginalSends() {
    assertThat(MeteringMessage.text(EventMessage.of(TestEvents.FULL))).isEqualTo(MESSAGE);
    Map<String, Object> signed =
        EventMessage.signed(TestEvents.FULL, new MessageSignature("secret"));
    assertThat((String) signed.get("message_signature")).matches("[0-9a-f]{64}");
    assertThat(EventMessage.signed(TestEvents.FULL, new MessageSignature("")))
        .containsEntry("message_signature", "");
  }

  @Test
  void whatIsQueuedComesBack() {
    List<Event> events = List.of(TestEvents.FULL, TestEvents.numbered(2));
    byte[] bytes = EventCodec.encode(events);
    assertThat(EventCodec.decode(bytes)).isEqualTo(events);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> EventCodec.decode(cut)).isInstanceOf(CorruptDataException.class);
    }
    assertThatThrownBy(() -> EventCodec.decode(Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(CorruptDataException.class);
  }

  @Test
  void aFileHasALineOfJsonForEach() throws IOException {
    Path file = folder.resolve("events.jsonl");
    FilePublisher publisher = new FilePublisher(PublisherUrl.of("file://" + file, "publishers[0]"));
    publisher.publishEvents(List.of(TestEvents.FULL, TestEvents.numbered(2)));
    publisher.publish(OutgoingSamples.range(0, 1));
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).isEqualTo(MESSAGE);
    assertThat(JSON.readTree(lines.get(2)).has("counter_name")).isTrue();
  }

  @Test
  void anArrayOfThemIsPosted() throws IOException {
    try (ConsumerServer consumer = new ConsumerServer()) {
      List<Event> events = IntStream.range(0, 4).mapToObj(TestEvents::numbered).toList();
      publisher(consumer, "").publishEvents(events);
      assertThat(consumer.requests()).hasSize(1);
      assertThat(consumer.taken().stream().map(event -> event.get("message_id").asText()))
          .containsExactly("m-0", "m-1", "m-2", "m-3");

      publisher(consumer, "?raw_only=true").publishEvents(events);
      JsonNode body = consumer.requests().get(1).body();
      assertThat(body.toString()).isEqualTo("[{\"a\":[1,null]},{\"a\":[1,null]}]");
    }
  }

  private static HttpPublisher publisher(ConsumerServer consumer, String query) {
    return new HttpPublisher(
        PublisherUrl.of("http://127.0.0.1:" + consumer.port() + "/in" + query, "publishers[0]"));
  }
}
