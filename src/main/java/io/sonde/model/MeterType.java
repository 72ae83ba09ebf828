package io.sonde.model;

/** What a meter's volumes mean, with the names that Ceilometer's messages use. */
public enum MeterType {
  /** A momentary value, such as memory in use. */
  GAUGE("gauge"),
  /** A change since the previous sample. */
  DELTA("delta"),
  /** A counter that grows until it is reset. */
  CUMULATIVE("cumulative");

  private final String wireName;

  MeterType(String wireName) {
    this.wireName = wireName;
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
