package io.sonde.audit;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.store.CheckpointMirror;
import io.sonde.store.DatabaseSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A place for checkpoints that whoever administers the database does not reach: what is there
 * already, nobody can make agree with a database that was changed later. Blocks, for some seconds
 * at most.
 */
interface Outlet {
  /** How it is called in logs and metrics; without a password. */
  String name();

  /** Whether it can say itself what it has got. */
  boolean isReadable();

  /**
   * The checkpoint of a log that it got last; empty where it has none, or is not readable.
   *
   * @throws IOException when it is away
   */
  Optional<Checkpoint> last(String origin) throws IOException;

  /**
   * Takes a checkpoint for good.
   *
   * @throws IOException when it is not known that it did
   */
  void take(Checkpoint.Noted checkpoint) throws IOException;

  /** Reads an entry of {@code sonde.audit.outlets}. */
  static Outlet from(ConfigSection section) {
    section.allow("file", "url", "database", "user", "password");
    if (section.has("file")) {
      section.allow("file");
      return new FileOutlet(Path.of(section.text("file", "a path")));
    }
    if (section.has("url")) {
      section.allow("url");
      return new WebhookOutlet(url(section));
    }
    if (!section.has("database")) {
      throw new ConfigException(section.path(), "{}", "one of the keys file, url, database");
    }
    String url = section.text("database", "a URL that begins jdbc:postgresql:");
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new ConfigException(
          section.path("database"), url, "a URL that begins jdbc:postgresql:");
    }
    DatabaseSettings settings =
        new DatabaseSettings(
            url,
            section.text("user").orElse(""),
            section.text("password").orElse(""),
            2,
            Duration.ofSeconds(5));
    return new DatabaseOutlet(settings.shownUrl(), new CheckpointMirror(settings));
  }

  private static URI url(ConfigSection section) {
    String expected = "a URL that begins http:// or https://";
    String text = section.text("url", expected);
    try {
      URI url = URI.create(text);
      if (text.matches("(?i)https?://.+") && url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new ConfigException(section.path("url"), text, expected);
  }
}
