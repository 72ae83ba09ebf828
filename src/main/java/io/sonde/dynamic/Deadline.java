package io.sonde.dynamic;

import java.time.Duration;

/**
 * A moment after which nobody waits.
 *
 * @param end by {@link System#nanoTime}
 */
record Deadline(long end) {
  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** Not below zero. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /** What is left, or the given time where that is less. */
  Duration left(Duration most) {
    Duration left = left();
    return left.compareTo(most) < 0 ? left : most;
  }

  boolean isOver() {
    return System.nanoTime() - end >= 0;
  }
}
