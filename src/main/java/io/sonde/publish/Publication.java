package io.sonde.publish;

import io.sonde.model.Provenance;
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
   * @param note by what way they came, as {@link Provenance} writes it
   */
  public boolean takes(String note) {
    return Provenance.sinks(note).stream().anyMatch(sinks::contains);
  }
}
