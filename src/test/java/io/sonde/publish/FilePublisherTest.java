package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.model.ConfigException;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void filesAreSetAsideBeforeTheyReachTheirSize() throws IOException {
    // Room for three lines each.
    int size = (LINE.length() + 1) * 4;
    FilePublisher rotating = publisher("max_bytes=" + size + "&backup_count=2&json");
    rotating.publish(numbered(0, 2));
    rotating.publish(numbered(2, 8));
    assertThat(idsIn("")).containsExactly("id-6", "id-7");
    assertThat(idsIn(".1")).containsExactly("id-3", "id-4", "id-5");
    assertThat(idsIn(".2")).containsExactly("id-0", "id-1", "id-2");
    rotating.publish(numbered(8, 10));
    assertThat(idsIn("")).containsExactly("id-9");
    assertThat(idsIn(".1")).containsExactly("id-6", "id-7", "id-8");
    assertThat(idsIn(".2")).containsExactly("id-3", "id-4", "id-5");
    assertThat(file.resolveSibling(file.getFileName() + ".3")).doesNotExist();
  }

  /** A line that has no room in any file is one by itself; the cut line before it is kept apart. */
  @Test
  void aLineIsNeverDivided() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "cut");
    FilePublisher rotating = publisher("max_bytes=10&backup_count=9");
    rotating.publish(numbered(0, 3));
    assertThat(idsIn("")).containsExactly("id-2");
    assertThat(idsIn(".1")).containsExactly("id-1");
    assertThat(idsIn(".2")).containsExactly("id-0");
    assertThat(file.resolveSibling(file.getFileName() + ".3")).hasContent("cut");
  }

  @ParameterizedTest
  @ValueSource(strings = {"max_bytes=10", "backup_count=2", "max_bytes=0&backup_count=2"})
  void withoutBothOfThemNothingIsSetAside(String options) throws IOException {
    publisher(options).publish(numbered(0, 10));
    assertThat(Files.readAllLines(file)).hasSize(10);
  }

  /** What is in a file that was set aside stays there, and is not written again. */
  @Test
  void afterAFailureBetweenTwoFilesItGoesOnWithTheRest() throws IOException {
    int size = (LINE.length() + 1) * 4;
    FilePublisher rotating = publisher("max_bytes=" + size + "&backup_count=1");
    // A folder with something in it cannot be replaced.
    Path blocked = file.resolveSibling(file.getFileName() + ".1");
    Files.createDirectories(blocked.resolve("in the way"));
    assertThatThrownBy(() -> rotating.publish(numbered(0, 5)))
        .isInstanceOfSatisfying(
            PublishException.class, failure -> assertThat(failure.taken()).isEqualTo(3));
    Files.delete(blocked.resolve("in the way"));
    rotating.publish(numbered(3, 5));
    assertThat(idsIn(".1")).containsExactly("id-0", "id-1", "id-2");
    assertThat(idsIn("")).containsExactly("id-3", "id-4");
  }

  @Test
  void anOptionThatIsNoneIsNamed() {
    assertThatThrownBy(() -> publisher("max_byte=1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("max_byte");
  }

  private FilePublisher publisher(String options) {
    return new FilePublisher(PublisherUrl.of("file://" + file + "?" + options, "publishers[0]"));
  }

  private static List<Outgoing> numbered(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> new Outgoing("id-" + i, SAMPLE.sample(), SAMPLE.recordedAt()))
        .toList();
  }

  private List<String> idsIn(String suffix) throws IOException {
    List<String> ids = new ArrayList<>();
    for (String line : Files.readAllLines(file.resolveSibling(file.getFileName() + suffix))) {
      ids.add(new ObjectMapper().readTree(line).get("message_id").asText());
    }
    return ids;
  }
}
