package io.sonde.model;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The identity of a series: everything about a sample that is not its time, its volume, its id or
 * its metadata. Two samples belong to one series when all components are equal. Texts that no row
 * can hold, and absurdly long ones, are refused with an {@link IllegalArgumentException}: one of
 * them in a journal would make every flush fail for ever.
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

  /** Characters that one text of a series may have. */
  public static final int MAX_TEXT = 1_024;

  /** Labels that a series may have. */
  public static final int MAX_DIMENSIONS = 64;

  /**
   * Characters that all texts of a series may have together, so that it always fits into a message
   * between nodes.
   */
  public static final int MAX_TOTAL = 10_240;

  /** An unmodifiable map without entries, for series without dimensions. */
  public static final SortedMap<String, String> NO_DIMENSIONS = Collections.emptySortedMap();

  public Series {
    requireNonNull(source, "source");
    requireNonNull(meter, "meter");
    requireNonNull(type, "type");
    requireNonNull(unit, "unit");
    requireNonNull(resourceId, "resourceId");
    int total =
        length("source", source)
            + length("meter", meter)
            + length("unit", unit)
            + length("resource", resourceId)
            + length("project", projectId)
            + length("user", userId);
    if (dimensions.size() > MAX_DIMENSIONS) {
      throw new IllegalArgumentException(
          dimensions.size() + " dimensions, at most " + MAX_DIMENSIONS + " are stored");
    }
    for (Map.Entry<String, String> dimension : dimensions.entrySet()) {
      total += length("name of a dimension", requireNonNull(dimension.getKey(), "dimension"));
      total += length(dimension.getKey(), requireNonNull(dimension.getValue(), "dimension"));
    }
    if (total > MAX_TOTAL) {
      throw new IllegalArgumentException(
          "a series of " + total + " characters, at most " + MAX_TOTAL + " are stored");
    }
    dimensions =
        dimensions.isEmpty()
            ? NO_DIMENSIONS
            : Collections.unmodifiableSortedMap(new TreeMap<>(dimensions));
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Series that
            && resourceId.equals(that.resourceId)
            && meter.equals(that.meter)
            && type == that.type
            && unit.equals(that.unit)
            && source.equals(that.source)
            && Objects.equals(projectId, that.projectId)
            && Objects.equals(userId, that.userId)
            && dimensions.equals(that.dimensions));
  }

  /** Of what tells series apart nearly always: every sample's series is looked up several times. */
  @Override
  public int hashCode() {
    int hash = resourceId.hashCode() * 31 + meter.hashCode();
    return dimensions.isEmpty() ? hash : hash * 31 + dimensions.hashCode();
  }

  /** The same series under another meter name, type and unit, as transformers make it. */
  public Series as(String newMeter, MeterType newType, String newUnit) {
    return new Series(
        source, newMeter, newType, newUnit, resourceId, projectId, userId, dimensions);
  }

  private static int length(String name, String text) {
    if (text == null) {
      return 0;
    }
    if (text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          name + " has " + text.length() + " characters, at most " + MAX_TEXT + " are stored");
    }
    StorableText.require(name, text);
    return text.length();
  }

  /** A sorted copy of labels, as {@link #dimensions} wants it. */
  public static SortedMap<String, String> dimensions(Map<String, String> labels) {
    return labels.isEmpty() ? NO_DIMENSIONS : new TreeMap<>(labels);
  }
}
