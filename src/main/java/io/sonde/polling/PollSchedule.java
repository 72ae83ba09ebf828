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

  /** The first due time when the last polls all failed: every second, fourth, eighth interval. */
  long after(long now, int failures) {
    int factor = failures >= 3 ? MAX_BACK_OFF : 1 << failures;
    return after(now + (factor - 1) * interval);
  }
}
