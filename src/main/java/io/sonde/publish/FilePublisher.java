package io.sonde.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * {@code file://PATH}: one JSON object a line, with the keys of Ceilometer's metering message.
 * Lines of one call are written together and are on the disk when it returns; after a crash some
 * may come twice, with the same {@code message_id}, and a line may be cut short, whose sample comes
 * again.
 */
public final class FilePublisher implements Publisher {
  /** The scheme that names this publisher. */
  public static final String SCHEME = "file";

  private static final JsonFactory JSON = new JsonFactory();

  private final Path path;

  /** Writes to the file of a {@code file://} URL. */
  public FilePublisher(PublisherUrl url) {
    url.allow();
    if (url.location().isEmpty()) {
      throw url.error("a URL that names a file, such as file:///var/lib/sonde/samples.jsonl");
    }
    path = Path.of(url.location());
  }

  @Override
  public synchronized void publish(List<Outgoing> samples) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream(samples.size() * 256);
    if (endsInALine()) {
      lines.write('\n');
    }
    try (JsonGenerator json = JSON.createGenerator(lines)) {
      json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
      for (Outgoing outgoing : samples) {
        write(outgoing, json);
      }
    }
    lines.write('\n');
    if (path.toAbsolutePath().getParent() != null) {
      Files.createDirectories(path.toAbsolutePath().getParent());
    }
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      long before = file.size();
      try {
        ByteBuffer buffer = ByteBuffer.wrap(lines.toByteArray());
        while (buffer.hasRemaining()) {
          file.write(buffer);
        }
        file.force(false);
      } catch (IOException e) {
        // The next try writes them all again: it must not go on in the middle of a line.
        file.truncate(before);
        throw e;
      }
    }
  }

  /** Whoever was killed in the middle of a line must not spoil the next one too. */
  private boolean endsInALine() throws IOException {
    if (!Files.exists(path)) {
      return false;
    }
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return file.read(last, Math.max(0, file.size() - 1)) == 1 && last.get(0) != '\n';
    }
  }

  private static void write(Outgoing outgoing, JsonGenerator json) throws IOException {
    Sample sample = outgoing.sample();
    Series series = sample.series();
    json.writeStartObject();
    json.writeStringField("message_id", outgoing.id());
    json.writeStringField("source", series.source());
    json.writeStringField("counter_name", series.meter());
    json.writeStringField("counter_type", series.type().wireName());
    json.writeStringField("counter_unit", series.unit());
    json.writeNumberField("counter_volume", sample.volume());
    json.writeStringField("resource_id", series.resourceId());
    json.writeStringField("project_id", series.projectId());
    json.writeStringField("user_id", series.userId());
    json.writeStringField("timestamp", isoMicros(sample.timestamp()));
    json.writeStringField("recorded_at", Instant.ofEpochSecond(outgoing.recordedAt()).toString());
    json.writeFieldName("resource_metadata");
    json.writeRawValue(sample.metadata().json());
    if (!series.dimensions().isEmpty()) {
      json.writeObjectFieldStart("dimensions");
      for (Map.Entry<String, String> dimension : series.dimensions().entrySet()) {
        json.writeStringField(dimension.getKey(), dimension.getValue());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static String isoMicros(long micros) {
    return Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L)
        .toString();
  }
}
