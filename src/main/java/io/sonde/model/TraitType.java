package io.sonde.model;

/** What a trait's value is, with the names and numbers that Ceilometer's messages use. */
public enum TraitType {
  /** Text; the value is a {@link String}. */
  TEXT(1, "string"),
  /** A whole number of 64 bits; the value is a {@link Long}. */
  INTEGER(2, "integer"),
  /** A finite number; the value is a {@link Double}. */
  FLOAT(3, "float"),
  /** A moment; the value is a {@link Long}, microseconds since 1970 in UTC. */
  DATETIME(4, "datetime");

  private final int code;
  private final String wireName;

  TraitType(int code, String wireName) {
    this.code = code;
    this.wireName = wireName;
  }

  /** The number used in messages and rows; it never changes. */
  public int code() {
    return code;
  }

  /** The type of this code, or null when there is none. */
  public static TraitType ofCode(long code) {
    for (TraitType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }

  /** The lower-case name used on every wire. */
  public String wireName() {
    return wireName;
  }

  /** The type of this wire name, or null when there is none. */
  public static TraitType ofWireName(String name) {
    for (TraitType type : values()) {
      if (type.wireName.equals(name)) {
        return type;
      }
    }
    return null;
  }
}
