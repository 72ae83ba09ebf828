package io.sonde.model;

/** What a meter's volumes mean, with the names that Ceilometer's messages use. */
public enum MeterType {
  /** A momentary value, such as memory in use. */
  GAUGE(0, "gauge"),
  /** A change since the previous sample. */
  DELTA(1, "delta"),
  /** A counter that grows until it is reset. */
  CUMULATIVE(2, "cumulative");

  private final int code;
  private final String wireName;

  MeterType(int code, String wireName) {
    this.code = code;
    this.wireName = wireName;
  }

  /** The number used in stored bytes; it never changes. */
  public int code() {
    return code;
  }

  /** The type of this code, or null when there is none. */
  public static MeterType ofCode(int code) {
    for (MeterType type : values()) {
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
  public static MeterType ofWireName(String name) {
    for (MeterType type : values()) {
      if (type.wireName.equals(name)) {
        return type;
      }
    }
    return null;
  }
}
