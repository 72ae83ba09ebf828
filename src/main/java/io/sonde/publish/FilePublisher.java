package io.sonde.publish;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * {@code file://PATH}: one JSON object a line, with the keys of Ceilometer's metering message.
 * Lines of one call are written together and are on the disk when it returns; after a crash some
 * may come twice, with the same {@code message_id}, and a line may be cut short, whose sample comes
 * again.
 */
public final class FilePublisher implements Publisher {
  /** The scheme that names this publisher. */
  public static final String SCHEME = "file";

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
    try (JsonGenerator json = MeteringMessage.JSON.createGenerator(lines)) {
      json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
      for (Outgoing outgoing : samples) {
        MeteringMessage.write(MeteringMessage.recorded(outgoing), json);
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
}
