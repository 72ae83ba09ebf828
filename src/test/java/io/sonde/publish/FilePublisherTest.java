package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePublisherTest {
  private static final String LINE =
      "{\"message_id\":\"id-1\",\"source\":\"test\",\"counter_name\":\"m\","
          + "\"counter_type\":\"gauge\",\"counter_unit\":\"B\",\"counter_volume\":1.5,"
          + "\"resource_id\":\"r\",\"project_id\":null,\"user_id\":\"u\","
          + "\"timestamp\":\"2026-01-01T00:00:00.000001Z\","
          + "\"recorded_at\":\"2026-01-01T00:00:09Z\",\"resource_metadata\":{\"a\":1}}";
  private static final Outgoing SAMPLE =
      new Outgoing(
          "id-1",
          new Sample(
              new Series("test", "m", MeterType.GAUGE, "B", "r", null, "u", Series.NO_DIMENSIONS),
              1_767_225_600_000_001L,
              1.5,
              SampleKey.NONE,
              Metadata.of(Map.of("a", 1L))),
          1_767_225_609L);

  @TempDir Path folder;
  private Path file;
  private FilePublisher publisher;

  @BeforeEach
  void createPublisher() {
    file = folder.resolve("new").resolve("samples.jsonl");
    publisher = new FilePublisher(PublisherUrl.of("file://" + file, "publishers[0]"));
  }

  @Test
  void aSampleIsALineAtTheEnd() throws IOException {
    publisher.publish(List.of(SAMPLE, SAMPLE));
    publisher.publish(List.of(SAMPLE));
    assertThat(file).hasContent((LINE + "\n").repeat(3));
  }

  /** The one who was killed did not advance its position, so that the cut line comes again. */
  @Test
  void aLineThatWasCutShortSpoilsNoOther() throws IOException {
    publisher.publish(List.of(SAMPLE));
    String cut = LINE.substring(0, 40);
    Files.writeString(file, LINE + "\n" + cut);
    new FilePublisher(PublisherUrl.of("file://" + file, "publishers[0]"))
        .publish(List.of(SAMPLE, SAMPLE));
    assertThat(Files.readAllLines(file)).containsExactly(LINE, cut, LINE, LINE);
  }
}
