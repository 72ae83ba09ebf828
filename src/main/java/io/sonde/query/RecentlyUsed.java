package io.sonde.query;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What was used lately, by id, as long as all of it together is not too heavy. Not for use by
 * several threads at once.
 */
final class RecentlyUsed<V> {
  /** A weight that everything has besides its own, as it takes memory even where it is empty. */
  private static final int LEAST = 1_000;

  private record Weighed<V>(V value, int weight) {}

  private final long heaviest;
  private final Map<UUID, Weighed<V>> entries = new LinkedHashMap<>(256, 0.75f, true);
  private long weight;

  /**
   * Nothing yet.
   *
   * @param heaviest characters that all may have together; 1,000 are added for each
   */
  RecentlyUsed(long heaviest) {
    this.heaviest = heaviest;
  }

  /** What is known of an id, or null. */
  V get(UUID id) {
    Weighed<V> known = entries.get(id);
    return known == null ? null : known.value();
  }

  /** Remembers this, and forgets what was used longest ago. */
  void put(UUID id, V value, int characters) {
    Weighed<V> added = new Weighed<>(value, characters + LEAST);
    Weighed<V> before = entries.put(id, added);
    weight += added.weight() - (before == null ? 0 : before.weight());
    var oldest = entries.entrySet().iterator();
    while (weight > heaviest) {
      weight -= oldest.next().getValue().weight();
      oldest.remove();
    }
  }
}
