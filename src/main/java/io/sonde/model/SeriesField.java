package io.sonde.model;

/** The parts of a series' identity that questions narrow and group by. */
public enum SeriesField {
  METER("meter"),
  RESOURCE_ID("resource_id"),
  PROJECT_ID("project_id"),
  USER_ID("user_id"),
  SOURCE("source");

  private final String wireName;

  SeriesField(String wireName) {
    this.wireName = wireName;
  }

  /** The name in the API and in the series table. */
  public String wireName() {
    return wireName;
  }

  /** The field of this wire name, or null when there is none. */
  public static SeriesField ofWireName(String name) {
    for (SeriesField field : values()) {
      if (field.wireName.equals(name)) {
        return field;
      }
    }
    return null;
  }

  /** This field of a series; null for a project or user that it has not. */
  public String of(Series series) {
    return switch (this) {
      case METER -> series.meter();
      case RESOURCE_ID -> series.resourceId();
      case PROJECT_ID -> series.projectId();
      case USER_ID -> series.userId();
      case SOURCE -> series.source();
    };
  }
}
