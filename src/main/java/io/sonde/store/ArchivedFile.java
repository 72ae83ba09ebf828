package io.sonde.store;

import java.nio.file.Path;

/**
 * What the database knows of a file with events that it does not hold any more.
 *
 * @param first number of the first event
 * @param last number of the last one
 * @param eventBytes of the events
 * @param path where the file is looked for
 * @param fileBytes of the file
 * @param sha256 of the whole file
 * @param before the chain's hash of the event before the first one; zeros where there is none
 * @param head that of the last one
 * @param note the entry that tells of it, signed where there was a key
 */
public record ArchivedFile(
    String persistenceId,
    long first,
    long last,
    long eventBytes,
    Path path,
    long fileBytes,
    byte[] sha256,
    byte[] before,
    byte[] head,
    String note) {

  /** As it stands in messages: which events, and where they should be. */
  public String shown() {
    return "events %d to %d of %s, which are archived in %s"
        .formatted(first, last, persistenceId, path);
  }
}
