package io.sonde.publish;

import java.util.Arrays;
import java.util.Set;

/**
 * Which outside publisher gets the samples of which sinks.
 *
 * @param publisher its URL, as configured; names its position in the journal
 * @param sinks the sinks whose samples it gets
 */
public record Publication(String publisher, Set<String> sinks) {
  /**
   * Whether samples with this note in the journal are for the publisher.
   *
   * @param names the sink that they came through, or several with commas between them
   */
  public boolean takes(String names) {
    return sinks.contains(names) || Arrays.stream(names.split(",", -1)).anyMatch(sinks::contains);
  }
}
