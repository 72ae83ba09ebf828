package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.SeriesField;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * How samples are to be summed up.
 *
 * @param periodSeconds length of the periods, 0 for one that holds all; they begin at the filter's
 *     start or, where it has none, at the first sample that matches
 * @param groupBy what is told apart, by the name that it is shown under: fields of the series and
 *     keys of metadata
 * @param hasDeviation whether the standard deviation is wanted
 * @param distinct the fields whose values are to be counted
 * @param shown the text that metadata has at a key, or null; it names groups
 */
public record StatisticsQuestion(
    long periodSeconds,
    SortedMap<String, Field> groupBy,
    boolean hasDeviation,
    Set<SeriesField> distinct,
    BiFunction<Metadata, String, String> shown) {

  /** Without deviation, counted values and keys of metadata. */
  public static StatisticsQuestion of(long periodSeconds, SeriesField... groupBy) {
    SortedMap<String, Field> fields = new TreeMap<>();
    for (SeriesField field : groupBy) {
      fields.put(field.wireName(), new Field.OfSeries(field));
    }
    return new StatisticsQuestion(
        periodSeconds,
        Collections.unmodifiableSortedMap(fields),
        false,
        Set.of(),
        (metadata, key) -> null);
  }

  /** The same question, undivided and ungrouped: enough to know when the first sample was. */
  StatisticsQuestion whole() {
    return of(0);
  }

  /** Whether what hours sum up to serves. */
  boolean isPlain() {
    return !hasDeviation
        && groupBy.values().stream().noneMatch(field -> field instanceof Field.MetadataKey);
  }

  /** Whether groups of this series' samples are told apart by metadata. */
  boolean isByMetadata(Map<String, String> dimensions) {
    for (Field field : groupBy.values()) {
      if (field instanceof Field.MetadataKey at && !dimensions.containsKey(at.key())) {
        return true;
      }
    }
    return false;
  }
}
