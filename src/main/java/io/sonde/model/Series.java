package io.sonde.model;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The identity of a series: everything about a sample that is not its time, its volume, its id or
 * its metadata. Two samples belong to one series when all components are equal.
 *
 * @param source who the sample comes from, e.g. {@code openstack}
 * @param meter the meter's name
 * @param type gauge, delta or cumulative
 * @param unit free text, possibly empty
 * @param resourceId the measured resource
 * @param projectId its project, or null
 * @param userId its user, or null
 * @param dimensions labels that distinguish series of one meter and resource; empty for
 *     Ceilometer's samples
 */
public record Series(
    String source,
    String meter,
    MeterType type,
    String unit,
    String resourceId,
    String projectId,
    String userId,
    SortedMap<String, String> dimensions) {

  /** An unmodifiable map without entries, for series without dimensions. */
  public static final SortedMap<String, String> NO_DIMENSIONS = Collections.emptySortedMap();

  public Series {
    requireNonNull(source, "source");
    requireNonNull(meter, "meter");
    requireNonNull(type, "type");
    requireNonNull(unit, "unit");
    requireNonNull(resourceId, "resourceId");
    dimensions =
        dimensions.isEmpty()
            ? NO_DIMENSIONS
            : Collections.unmodifiableSortedMap(new TreeMap<>(dimensions));
  }

  /** The same series under another meter name, type and unit, as transformers make it. */
  public Series as(String newMeter, MeterType newType, String newUnit) {
    return new Series(
        source, newMeter, newType, newUnit, resourceId, projectId, userId, dimensions);
  }

  /** A sorted copy of labels, as {@link #dimensions} wants it. */
  public static SortedMap<String, String> dimensions(Map<String, String> labels) {
    return labels.isEmpty() ? NO_DIMENSIONS : new TreeMap<>(labels);
  }
}
