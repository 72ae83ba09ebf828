package io.sonde.audit;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What becomes of old events of journals. Keys under {@code sonde.journal}.
 *
 * @param directory takes them; null: they stay in the database for ever
 * @param keep how long they stay in the database at least
 * @param interval how often it is looked for some
 * @param fileBytes of events that fill a file
 */
public record ArchiveSettings(Path directory, Duration keep, Duration interval, long fileBytes) {
  private static final long LEAST_FILE = 1 << 12;
  private static final long LARGEST_FILE = 1 << 26;

  /** Reads what stands at {@code sonde.journal}. */
  public static ArchiveSettings from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, "sonde.journal").allow("archive", "keep", "interval", "file-size");
    String directory = section.text("archive").orElse("");
    return new ArchiveSettings(
        directory.isEmpty() ? null : Path.of(directory).toAbsolutePath(),
        section.duration("keep", Duration.ZERO, Duration.ofDays(36_500)),
        section.duration("interval", Duration.ofSeconds(1), Duration.ofDays(1)),
        section.bytes("file-size", LEAST_FILE, LARGEST_FILE));
  }
}
