package io.sonde.server;

import io.sonde.store.NodeStore.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which nodes are alive, told from their rows: one that is renewed while we look is alive, one that
 * is not for some time is dead. No clock but our own and the database's counts. Times are of {@link
 * System#nanoTime}. Not safe for use by many threads.
 */
final class Sightings {
  /** A row that is not renewed for so long, of beats of a second, is of a dead node. */
  static final Duration STALE = Duration.ofSeconds(5);

  /**
   * When we did not look for so long, neither we nor the database may have been able to do anything
   * meanwhile, and others as little: they get their time anew.
   */
  private static final Duration GAP = Duration.ofSeconds(3);

  /** What is known of a node. */
  enum State {
    /** It was seen to renew its row, and may do so again. */
    ALIVE,
    /** It may be alive: its row has not been watched for long enough. */
    UNKNOWN,
    DEAD
  }

  private record Sighting(Instant renewed, long since, boolean isRenewed) {}

  private Map<Long, Sighting> sightings = Map.of();
  private long lastLook;

  /** Takes note of all rows as they are now. */
  void look(List<Row> rows, long nanos) {
    boolean isGap = nanos - lastLook > GAP.toNanos();
    lastLook = nanos;
    Map<Long, Sighting> next = new HashMap<>();
    for (Row row : rows) {
      Sighting known = sightings.get(row.incarnation());
      if (known == null) {
        long since = nanos - row.age().toNanos();
        next.put(row.incarnation(), new Sighting(row.renewed(), since, false));
      } else if (!known.renewed().equals(row.renewed())) {
        next.put(row.incarnation(), new Sighting(row.renewed(), nanos, true));
      } else if (isGap) {
        next.put(row.incarnation(), new Sighting(row.renewed(), nanos, false));
      } else {
        next.put(row.incarnation(), known);
      }
    }
    sightings = next;
  }

  /** How it stands with a node whose row was there at the last look. */
  State of(Row row) {
    Sighting sighting = sightings.get(row.incarnation());
    if (lastLook - sighting.since() > STALE.toNanos()) {
      return State.DEAD;
    }
    return sighting.isRenewed() ? State.ALIVE : State.UNKNOWN;
  }
}
