package io.sonde.openstack;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long somebody waits, for one or several answers together.
 *
 * @param whole from its beginning
 * @param end by {@link System#nanoTime}
 */
record Limit(Duration whole, long end) {
  /** From now on. */
  static Limit of(Duration whole) {
    return new Limit(whole, System.nanoTime() + whole.toNanos());
  }

  /** Milliseconds that are left, 0 when it is over. */
  long left() {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
  }
}
