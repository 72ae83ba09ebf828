package io.sonde.model;

import java.util.Map;
import java.util.Objects;

/**
 * Which series are asked for, by equality alone: the one thing that a database and a collector
 * surely agree about.
 *
 * @param equal fields and the value that each must have; null asks for a series without that field
 */
public record SeriesFilter(Map<SeriesField, String> equal) {
  /** Whether any series can match; a database refuses texts that it cannot hold. */
  public boolean isSatisfiable() {
    return equal.values().stream().allMatch(text -> text == null || StorableText.isStorable(text));
  }

  public boolean matches(Series series) {
    for (Map.Entry<SeriesField, String> condition : equal.entrySet()) {
      if (!Objects.equals(condition.getKey().of(series), condition.getValue())) {
        return false;
      }
    }
    return true;
  }
}
