package io.sonde.query;

import io.sonde.model.SeriesField;

/** What a condition looks at, and what statistics group by. */
public sealed interface Field {
  /** Text; null for a project or user that a series has not. */
  record OfSeries(SeriesField field) implements Field {}

  /**
   * The metadata at a key: nested keys joined by dots, entries of lists as {@code a[0]}. Text,
   * numbers or truth values; null and objects count as missing. A dimension of the series of that
   * name comes first, being identity.
   */
  record MetadataKey(String key) implements Field {}

  /** The rest of a sample; nothing of it is ever missing. */
  enum Column implements Field {
    /** Text: gauge, delta or cumulative. */
    TYPE,
    /** Text. */
    UNIT,
    /** A number. */
    VOLUME,
    /** A whole number of microseconds since 1970. */
    TIMESTAMP,
    /** A whole number of microseconds since 1970. */
    RECORDED_AT,
    /** Text: the id that Sonde gives the sample. */
    MESSAGE_ID;

    /** Whether all samples of a series have the same. */
    boolean isOfSeries() {
      return this == TYPE || this == UNIT;
    }
  }

  Field METER = new OfSeries(SeriesField.METER);
  Field RESOURCE_ID = new OfSeries(SeriesField.RESOURCE_ID);
  Field PROJECT_ID = new OfSeries(SeriesField.PROJECT_ID);
  Field USER_ID = new OfSeries(SeriesField.USER_ID);
  Field SOURCE = new OfSeries(SeriesField.SOURCE);
}
