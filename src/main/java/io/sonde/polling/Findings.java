package io.sonde.polling;

import java.util.List;

/**
 * What a {@link Discovery} found.
 *
 * @param found each resource once
 * @param isComplete whether this is all there is; otherwise a part did not answer, and what is
 *     missing here is not taken to be gone
 * @param remarks what went wrong on the way, a line each, without secrets
 */
public record Findings(List<Found> found, boolean isComplete, List<String> remarks) {
  public Findings {
    found = List.copyOf(found);
    remarks = List.copyOf(remarks);
  }

  /** All there is. */
  public static Findings of(List<Found> found) {
    return new Findings(found, true, List.of());
  }
}
