package io.sonde.polling;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.CRC32;

/**
 * When a resource is due, in milliseconds of the wall clock: at a phase of its own within each
 * interval. The phase is a hash of the id, so polls of many resources spread evenly, and a resource
 * keeps its rhythm when it moves to another node.
 */
record PollSchedule(long interval, long phase) {
  private static final int MAX_BACK_OFF = 8;

  static PollSchedule of(String id, Duration interval) {
    CRC32 hash = new CRC32();
    hash.update(id.getBytes(StandardCharsets.UTF_8));
    long millis = interval.toMillis();
    return new PollSchedule(millis, hash.getValue() % millis);
  }

  /** The first due time after a moment. */
  long after(long now) {
    return now + interval - Math.floorMod(now - phase, interval);
  }

  /**
   * The first due time when the last polls all failed: every second, fourth, eighth interval, but
   * no more than a bound away. So what is asked often is left alone while it is down, and what is
   * asked seldom is found again as soon as it is back.
   *
   * @param longest bound in milliseconds; an interval that is longer itself is kept
   */
  long after(long now, int failures, long longest) {
    long factor = failures >= 3 ? MAX_BACK_OFF : 1L << failures;
    long most = Math.max(1, longest / interval);
    return after(now + (Math.min(factor, most) - 1) * interval);
  }

  /** A moment of the id's own within a time, in milliseconds from its beginning. */
  long within(long millis) {
    return millis < 1 ? 0 : phase * millis / interval;
  }
}
