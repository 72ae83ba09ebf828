package io.sonde.pipeline;

import io.sonde.model.Door;
import io.sonde.model.NameFilter;
import java.util.List;
import java.util.Set;

/**
 * Which samples go to which sinks.
 *
 * @param doors ways in whose samples are taken
 * @param sinks names of sinks
 */
public record SourceDefinition(
    String name, NameFilter meters, Set<Door> doors, List<String> sinks) {
  /** Whether samples of this meter that came in this way are taken. */
  public boolean takes(Door door, String meter) {
    return doors.contains(door) && meters.matches(meter);
  }
}
