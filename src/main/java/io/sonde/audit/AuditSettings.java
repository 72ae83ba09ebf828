package io.sonde.audit;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * How the ledger is proved. Keys under {@code sonde.audit}.
 *
 * @param interval how often a checkpoint is made; empty: on demand only
 * @param key signs checkpoints; null where there is none
 * @param origin names the log in checkpoints; empty: by the database's id
 * @param outlets where checkpoints are sent
 */
public record AuditSettings(
    Optional<Duration> interval, SigningKey key, String origin, List<Outlet> outlets) {
  /** Nothing by itself, unsigned. */
  public static final AuditSettings NONE = new AuditSettings(Optional.empty(), null, "", List.of());

  /** The name of a database's log. */
  String originOf(Supplier<UUID> database) {
    return origin.isEmpty() ? "sonde/" + database.get() : origin;
  }

  /** Reads what stands at {@code sonde.audit}. */
  public static AuditSettings from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, "sonde.audit").allow("interval", "key-file", "origin", "outlets");
    return new AuditSettings(
        interval(section),
        key(section),
        origin(section),
        section
            .sections("outlets", "a list of { file = … }, { url = … } and { database = … }")
            .stream()
            .map(Outlet::from)
            .toList());
  }

  private static Optional<Duration> interval(ConfigSection section) {
    String key = "interval";
    return "off".equals(section.shown(key)) || "false".equals(section.shown(key))
        ? Optional.empty()
        : Optional.of(section.duration(key, Duration.ofSeconds(1), Duration.ofDays(1)));
  }

  private static SigningKey key(ConfigSection section) {
    String file = section.text("key-file").orElse("");
    try {
      return file.isEmpty() ? null : SigningKey.read(Path.of(file));
    } catch (NoteException e) {
      throw new ConfigException(
          section.path("key-file"), file, "a file of sonde audit key: " + e.getMessage());
    }
  }

  private static String origin(ConfigSection section) {
    String origin = section.text("origin").orElse("");
    if (origin.chars().anyMatch(Character::isISOControl)) {
      throw new ConfigException(section.path("origin"), origin, "a text of one line");
    }
    return origin;
  }
}
