package io.sonde.query;

/**
 * By what samples are sorted; those without the field come first, descending last.
 *
 * @param field of the series, or a column
 */
public record Order(Field field, boolean isDescending) {
  /** Newest first. */
  public static final Order NEWEST = new Order(Field.Column.TIMESTAMP, true);
}
