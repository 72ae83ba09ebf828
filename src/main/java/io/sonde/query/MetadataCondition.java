package io.sonde.query;

/**
 * A sample's metadata must have this value at this key.
 *
 * @param key nested keys joined by dots, as stored
 * @param value a String, Long, Double or Boolean; numbers are equal by value, other types never
 *     equal each other
 */
public record MetadataCondition(String key, Object value) {}
