package io.sonde.publish;

import java.util.Arrays;
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
  /** Stands between the names of sinks where samples come through several at once. */
  static final String SEPARATOR = ",";

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
   * @param names the sink that they came through, or several with commas between them
   */
  public boolean takes(String names) {
    return sinks.contains(names)
        || Arrays.stream(names.split(SEPARATOR, -1)).anyMatch(sinks::contains);
  }
}
