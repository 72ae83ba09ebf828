package io.sonde.model;

/**
 * A moment on a clock that only goes forward, for the time between two readings: the wall clock may
 * be set meanwhile.
 *
 * @param clock tells the clock from others: moments on different ones cannot be compared
 * @param nanos since a beginning of the clock's own
 */
public record Monotonic(long clock, long nanos) {
  /** Whether the time between both can be told. */
  public boolean isComparable(Monotonic other) {
    return other != null && clock == other.clock;
  }
}
