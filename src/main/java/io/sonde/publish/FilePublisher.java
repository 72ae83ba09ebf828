package io.sonde.publish;

import io.sonde.model.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * {@code file://PATH}: one JSON object a line, with the keys of Ceilometer's metering message, or
 * of its events. Lines of one call are on the disk when it returns; after a crash some may come
 * twice, with the same {@code message_id}, and a line may be cut short, whose sample comes again.
 *
 * <p>With {@code max_bytes} and {@code backup_count}, a file that would reach that size is set
 * aside as {@code PATH.1}, and older ones as {@code PATH.2} and so on, as Python's
 * RotatingFileHandler does. No line is divided between files.
 */
public final class FilePublisher implements EventPublisher {
  /** The scheme that names this publisher. */
  public static final String SCHEME = "file";

  private final Path path;
  private final int maxBytes;
  private final int backups;
  private final MessageLines lines = new MessageLines();

  /** Writes to the file of a {@code file://} URL. */
  public FilePublisher(PublisherUrl url) {
    // json: the original's own form is Python's, and JSON if asked for. Here there is only JSON.
    url.allow("max_bytes", "backup_count", "json");
    if (url.location().isEmpty()) {
      throw url.error("a URL that names a file, such as file:///var/lib/sonde/samples.jsonl");
    }
    url.flag("json", true);
    path = Path.of(url.location()).toAbsolutePath();
    maxBytes = url.integer("max_bytes", 0, 0, 999_999_999);
    backups = url.integer("backup_count", 0, 0, 9_999);
  }

  @Override
  public synchronized void publish(List<Outgoing> samples) throws IOException {
    write(samples, lines::write);
  }

  @Override
  public synchronized void publishEvents(List<Event> events) throws IOException {
    write(
        events,
        (event, out) -> {
          out.writeBytes(MeteringMessage.json(EventMessage.of(event)));
          out.write('\n');
        });
  }

  private <T> void write(List<T> items, BiConsumer<T, ByteArrayOutputStream> line)
      throws IOException {
    int[] ends = new int[items.size()];
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(items.size() * 512);
    for (int i = 0; i < ends.length; i++) {
      line.accept(items.get(i), bytes);
      ends[i] = bytes.size();
    }
    byte[] all = bytes.toByteArray();
    Files.createDirectories(path.getParent());
    int written = 0;
    try {
      while (written < ends.length) {
        written = append(all, ends, written);
        if (written < ends.length) {
          rotate();
        }
      }
    } catch (IOException e) {
      // Those in files that were set aside meanwhile are there for good.
      throw new PublishException(path + ": " + e.getMessage(), written, null, e);
    }
  }

  /**
   * Appends lines from this one on, as many as there is room for.
   *
   * @return the first line that is not written
   */
  private int append(byte[] lines, int[] ends, int first) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      long before = file.length();
      // Whoever was killed in the middle of a line must not spoil the next one too.
      boolean isCut = before > 0 && !endsWithALine(file, before);
      long start = isCut ? before + 1 : before;
      int from = first == 0 ? 0 : ends[first - 1];
      int next = first;
      while (next < ends.length && hasRoom(start, from, ends, next)) {
        next++;
      }
      if (next == first) {
        return first;
      }
      try {
        file.seek(before);
        if (isCut) {
          file.write('\n');
        }
        file.write(lines, from, ends[next - 1] - from);
        file.getFD().sync();
      } catch (IOException e) {
        truncate(file, before, e);
        throw e;
      }
      return next;
    }
  }

  /** As the original, a file stays below its size, but for one line that is larger by itself. */
  private boolean hasRoom(long start, int from, int[] ends, int line) {
    int end = ends[line] - from;
    boolean isFirst = start == 0 && (line == 0 ? 0 : ends[line - 1]) == from;
    return maxBytes == 0 || backups == 0 || isFirst || start + end < maxBytes;
  }

  /** The next try writes them all again: it must not go on in the middle of a line. */
  private static void truncate(RandomAccessFile file, long length, IOException because) {
    try {
      file.setLength(length);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  private static boolean endsWithALine(RandomAccessFile file, long length) throws IOException {
    file.seek(length - 1);
    return file.read() == '\n';
  }

  /** From the oldest on: whoever is killed between two steps loses none but the oldest. */
  private void rotate() throws IOException {
    for (int i = backups; i > 1; i--) {
      if (Files.exists(numbered(i - 1))) {
        Files.move(numbered(i - 1), numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(path, numbered(1), StandardCopyOption.REPLACE_EXISTING);
  }

  private Path numbered(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }
}
