package io.sonde.definition;

import io.sonde.model.Event;
import io.sonde.model.Sample;
import java.util.List;

/**
 * What a notification was turned into.
 *
 * @param event null where none was made
 * @param remarks for people: why a definition that takes such notifications gave nothing, or less
 *     than it asks for
 */
public record Converted(List<Sample> samples, Event event, List<String> remarks) {
  public Converted {
    samples = List.copyOf(samples);
    remarks = List.copyOf(remarks);
  }
}
