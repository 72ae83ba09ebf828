package io.sonde.audit;

/**
 * Something that is stored of a collector and is not as it was written.
 *
 * @param place where it is, as {@code collector 1, event 17}
 */
public record Damage(String place, String expected, String found) {
  /** One line. */
  @Override
  public String toString() {
    return place + ": expected " + expected + ", found " + found;
  }
}
