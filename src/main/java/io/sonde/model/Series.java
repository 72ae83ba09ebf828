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
 */
public final class Series {
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

  private final String source;
  private final String meter;
  private final MeterType type;
  private final String unit;
  private final String resourceId;
  private final String projectId;
  private final String userId;
  private final SortedMap<String, String> dimensions;
  // Every sample's series is looked up several times on its way.
  private final int hash;
  private final int resourceHash;
  private final int utf8Length;

  public Series(
      String source,
      String meter,
      MeterType type,
      String unit,
      String resourceId,
      String projectId,
      String userId,
      SortedMap<String, String> dimensions) {
    this.source = requireNonNull(source, "source");
    this.meter = requireNonNull(meter, "meter");
    this.type = requireNonNull(type, "type");
    this.unit = requireNonNull(unit, "unit");
    this.resourceId = requireNonNull(resourceId, "resourceId");
    this.projectId = projectId;
    this.userId = userId;
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
    this.dimensions =
        dimensions.isEmpty()
            ? NO_DIMENSIONS
            : Collections.unmodifiableSortedMap(new TreeMap<>(dimensions));
    int hash = hash(resourceId, meter);
    this.resourceHash = resourceId.hashCode();
    this.hash = this.dimensions.isEmpty() ? hash : hash * 31 + this.dimensions.hashCode();
    int bytes = utf8Length(source) + utf8Length(meter) + utf8Length(unit);
    bytes += utf8Length(resourceId) + utf8Length(projectId) + utf8Length(userId);
    for (Map.Entry<String, String> dimension : dimensions.entrySet()) {
      bytes += utf8Length(dimension.getKey()) + utf8Length(dimension.getValue());
    }
    this.utf8Length = bytes;
  }

  /** Who the samples come from, e.g. {@code openstack}. */
  public String source() {
    return source;
  }

  /** The meter's name. */
  public String meter() {
    return meter;
  }

  public MeterType type() {
    return type;
  }

  /** Free text, possibly empty. */
  public String unit() {
    return unit;
  }

  /** The measured resource. */
  public String resourceId() {
    return resourceId;
  }

  /** The hash of the resource's id, as {@link String#hashCode} is specified. */
  public int resourceHash() {
    return resourceHash;
  }

  /** The resource's project, or null. */
  public String projectId() {
    return projectId;
  }

  /** The resource's user, or null. */
  public String userId() {
    return userId;
  }

  /**
   * Labels that distinguish series of one meter and resource, by name; empty for Ceilometer's
   * samples.
   */
  public SortedMap<String, String> dimensions() {
    return dimensions;
  }

  /** Bytes of all texts together in UTF-8. */
  public int utf8Length() {
    return utf8Length;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Series that
            && hash == that.hash
            && resourceId.equals(that.resourceId)
            && meter.equals(that.meter)
            && type == that.type
            && unit.equals(that.unit)
            && source.equals(that.source)
            && Objects.equals(projectId, that.projectId)
            && Objects.equals(userId, that.userId)
            && dimensions.equals(that.dimensions));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return meter + " of " + resourceId + (dimensions.isEmpty() ? "" : " " + dimensions);
  }

  /** The hash code of a series without dimensions: of what tells series apart nearly always. */
  public static int hash(String resourceId, String meter) {
    return resourceId.hashCode() * 31 + meter.hashCode();
  }

  /** The same series under another meter name, type and unit, as transformers make it. */
  public Series as(String newMeter, MeterType newType, String newUnit) {
    return new Series(
        source, newMeter, newType, newUnit, resourceId, projectId, userId, dimensions);
  }

  /** The same series as of another project and user, each of which may be null. */
  public Series ownedBy(String newProject, String newUser) {
    return Objects.equals(projectId, newProject) && Objects.equals(userId, newUser)
        ? this
        : new Series(source, meter, type, unit, resourceId, newProject, newUser, dimensions);
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

  private static int utf8Length(String text) {
    return text == null ? 0 : StorableText.utf8Length(text);
  }

  /** A sorted copy of labels, as {@link #dimensions} wants it. */
  public static SortedMap<String, String> dimensions(Map<String, String> labels) {
    return labels.isEmpty() ? NO_DIMENSIONS : new TreeMap<>(labels);
  }
}
