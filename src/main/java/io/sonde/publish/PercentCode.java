package io.sonde.publish;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** Parts of URLs outside their query, where a {@code +} is a {@code +}. */
final class PercentCode {
  private PercentCode() {}

  /**
   * The text that a part says.
   *
   * @throws IllegalArgumentException when it is not percent-encoded
   */
  static String decode(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
