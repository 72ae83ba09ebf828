package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import io.sonde.query.LiveStream;
import io.sonde.query.StoredSample;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventStreamTest {
  private static final Series SERIES =
      new Series(
          "s", "müter\r\n\ndata: x", MeterType.GAUGE, "", "r", null, "u", Series.NO_DIMENSIONS);

  @Test
  void aSampleIsOneEventWhateverItsTexts() throws Exception {
    Metadata metadata = Metadata.of(Map.of("a", "1\n\nevent: no\u2028\rid: 2"));
    StoredSample one = new StoredSample("id-1", new Sample(SERIES, 0, 1.5, 0, metadata), 60);
    StoredSample other = new StoredSample("id-2", new Sample(SERIES, 1, 2, 0, Metadata.EMPTY), 60);

    String text = EventStream.of(new LiveStream.Part(List.of(one, other), 0)).utf8String();

    List<String> lines = List.of(text.split("\n", -1));
    assertThat(text).doesNotContain("\r").endsWith("\n\n");
    assertThat(lines).hasSize(9);
    assertThat(lines.subList(0, 2)).containsExactly("event: sample", "id: id-1");
    assertThat(lines.subList(3, 6)).containsExactly("", "event: sample", "id: id-2");
    JsonNode data = new ObjectMapper().readTree(lines.get(2).substring("data: ".length()));
    assertThat(data.get("id").asText()).isEqualTo("id-1");
    assertThat(data.get("meter").asText()).isEqualTo(SERIES.meter());
    assertThat(data.get("metadata").get("a").asText()).isEqualTo("1\n\nevent: no\u2028\rid: 2");
    assertThat(data.get("recorded_at").asText()).isEqualTo("1970-01-01T00:01:00");
  }

  @Test
  void whatWasDroppedIsAnEventOfItsOwn() {
    assertThat(EventStream.of(new LiveStream.Part(List.of(), 12)).utf8String())
        .isEqualTo("event: dropped\ndata: {\"samples\": 12}\n\n");
  }
}
