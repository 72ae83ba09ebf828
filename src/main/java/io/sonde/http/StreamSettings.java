package io.sonde.http;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.time.Duration;
import java.util.List;

/**
 * What the configuration says under {@code sonde.stream}.
 *
 * @param maxStreams streams that may be open at a time
 * @param buffer bytes that may wait for one client
 * @param heartbeat the longest silence
 * @param allowedOrigins of web pages that may read streams; {@code *} is any
 */
public record StreamSettings(
    int maxStreams, long buffer, Duration heartbeat, List<String> allowedOrigins) {

  private static final String ORIGIN = "\\*|[a-z][a-z0-9+.-]*://[^/?#\\s]+";

  /** Reads what stands at {@code sonde.stream}. */
  public static StreamSettings from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, "sonde.stream")
            .allow("max-streams", "buffer", "heartbeat", "allowed-origins");
    String expected = "a list of origins, such as \"https://dash.example.org\"";
    List<String> origins = section.texts("allowed-origins", expected);
    for (int i = 0; i < origins.size(); i++) {
      if (!origins.get(i).matches(ORIGIN)) {
        throw new ConfigException(
            section.path("allowed-origins") + "[" + i + "]",
            origins.get(i),
            "an origin, such as \"https://dash.example.org\", or \"*\"");
      }
    }
    return new StreamSettings(
        section.integer("max-streams", 0, 10_000),
        section.bytes("buffer", 1024, 1L << 30),
        section.duration("heartbeat", Duration.ofMillis(100), Duration.ofMinutes(1)),
        List.copyOf(origins));
  }
}
