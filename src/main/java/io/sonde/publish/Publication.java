package io.sonde.publish;

import io.sonde.model.Provenance;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which outside publisher gets the samples of which sinks.
 *
 * @param publisher its URL, as configured
 * @param sinks the sinks whose samples it gets
 * @param queued those of them without {@code collector://}: what goes through them alone is not in
 *     the journal
 */
public record Publication(String publisher, Set<String> sinks, Set<String> queued) {
  /** A publisher of sinks that are all stored as well. */
  public Publication(String publisher, Set<String> sinks) {
    this(publisher, sinks, Set.of());
  }

  /** The same with another sink. */
  public Publication and(String sink, boolean isStored) {
    return new Publication(publisher, with(sinks, sink), isStored ? queued : with(queued, sink));
  }

  private static Set<String> with(Set<String> names, String more) {
    Set<String> all = new LinkedHashSet<>(names);
    all.add(more);
    return Collections.unmodifiableSet(all);
  }

  /**
   * Names what waits for the publisher: its URL without the password, so that a new password loses
   * nothing.
   */
  public String name() {
    return PublisherUrl.shown(publisher);
  }

  /** Whether anything for the publisher is written to the journal. */
  public boolean isInJournal() {
    return !queued.containsAll(sinks);
  }

  /**
   * Whether samples with this note in the journal are for the publisher.
   *
   * @param note by what way they came, as {@link Provenance} writes it
   */
  public boolean takes(String note) {
    return Provenance.sinks(note).stream().anyMatch(sinks::contains);
  }
}
