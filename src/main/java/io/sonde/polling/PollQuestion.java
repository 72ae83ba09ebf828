package io.sonde.polling;

/**
 * Asks for polled resources of a source.
 *
 * @param resourceId only the one with this id; null for all
 * @param failing only those that failed when they were polled last
 * @param after only those after this id of an entity; null from the beginning
 * @param limit at most so many
 */
public record PollQuestion(
    String source, String resourceId, boolean failing, String after, int limit) {
  PollQuestion first(int fewer) {
    return new PollQuestion(source, resourceId, failing, after, fewer);
  }

  boolean asksFor(PollStatus status) {
    return (resourceId == null || resourceId.equals(status.resourceId()))
        && (!failing || status.isFailing());
  }
}
