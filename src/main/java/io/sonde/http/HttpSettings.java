package io.sonde.http;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import java.time.Duration;

/**
 * What the configuration says under {@code sonde.http}.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one
 * @param maxConnections connections at a time
 * @param maxBody bytes of one request's body
 * @param maxBodies bytes of all bodies in memory at a time
 * @param requestTimeout after which a request is answered 503
 * @param shutdownDeadline how long requests may go on at shutdown
 * @param defaultLimit answers to a question without a limit
 * @param trustsIdentity whether identity headers are trusted wherever they come from
 */
public record HttpSettings(
    String host,
    int port,
    int maxConnections,
    long maxBody,
    long maxBodies,
    Duration requestTimeout,
    Duration shutdownDeadline,
    int defaultLimit,
    boolean trustsIdentity) {

  // Beyond an hour a mistyped unit is likelier than a wish.
  private static final Duration LONGEST = Duration.ofHours(1);
  // A body is one array of bytes.
  private static final long LARGEST_BODY = 1L << 30;

  /** Reads what stands at {@code sonde.http}. */
  public static HttpSettings from(Config config) {
    ConfigSection section = ConfigSection.of(config, "sonde.http");
    Duration least = Duration.ofMillis(1);
    return new HttpSettings(
        section.text("host", "an address or a host name"),
        section.integer("port", 0, 65_535),
        section.integer("max-connections", 1, 1_000_000),
        section.bytes("max-body", 1024, LARGEST_BODY),
        section.bytes("max-bodies", 1024, 1L << 40),
        section.duration("request-timeout", least, LONGEST),
        section.duration("shutdown-deadline", least, LONGEST),
        section.integer("default-limit", 1, Integer.MAX_VALUE),
        section.flag("trust-identity-headers", false));
  }

  /** The same with another port. */
  public HttpSettings withPort(int other) {
    return new HttpSettings(
        host,
        other,
        maxConnections,
        maxBody,
        maxBodies,
        requestTimeout,
        shutdownDeadline,
        defaultLimit,
        trustsIdentity);
  }
}
