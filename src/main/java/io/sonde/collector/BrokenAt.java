package io.sonde.collector;

/**
 * Where what is stored of a collector is not what was written.
 *
 * @param event number of the first event that does not hold, or of the one that the snapshot was
 *     taken at
 */
public record BrokenAt(int collector, long event, String expected, String found) {
  /** As {@code audit verify} tells it. */
  @Override
  public String toString() {
    return "collector %d, event %d: expected %s, found %s"
        .formatted(collector, event, expected, found);
  }
}
