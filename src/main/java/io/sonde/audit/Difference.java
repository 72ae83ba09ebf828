package io.sonde.audit;

import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import java.util.Map;

/**
 * Something that the read model does not have as the journal says.
 *
 * @param where the series and the time, or what else it is about
 * @param expected what follows from the journal
 * @param found what the read model has
 */
public record Difference(String where, String expected, String found) {
  static Difference at(Series series, long timestamp, String expected, String found) {
    return new Difference(
        describe(series) + " at " + Timestamps.format(timestamp), expected, found);
  }

  /** All that identifies the series. */
  static String describe(Series series) {
    StringBuilder text = new StringBuilder(160);
    text.append(series.meter()).append(" of ").append(series.resourceId()).append(" (");
    text.append(series.type().wireName()).append(", unit ").append(series.unit());
    text.append(", source ").append(series.source());
    text.append(", project ").append(series.projectId());
    text.append(", user ").append(series.userId());
    for (Map.Entry<String, String> dimension : series.dimensions().entrySet()) {
      text.append(", ").append(dimension.getKey()).append('=').append(dimension.getValue());
    }
    return text.append(')').toString();
  }

  @Override
  public String toString() {
    return where + ": expected " + expected + ", found " + found;
  }
}
