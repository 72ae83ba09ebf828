package io.sonde.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** When memories are to be released by the clock. Times are microseconds since 1970. */
final class Deadlines {
  private final TreeMap<Long, Set<StageKey>> byTime = new TreeMap<>();
  private final Map<StageKey, Long> times = new HashMap<>();

  /** Sets a key's time; {@link Transformer#NEVER} takes it away. */
  void put(StageKey key, long time) {
    Long before = time == Transformer.NEVER ? times.remove(key) : times.put(key, time);
    if (before != null && before != time) {
      Set<StageKey> keys = byTime.get(before);
      keys.remove(key);
      if (keys.isEmpty()) {
        byTime.remove(before);
      }
    }
    if (time != Transformer.NEVER) {
      byTime.computeIfAbsent(time, moment -> new LinkedHashSet<>()).add(key);
    }
  }

  boolean contains(StageKey key) {
    return times.containsKey(key);
  }

  /** The first time, or {@link Transformer#NEVER}. */
  long earliest() {
    return byTime.isEmpty() ? Transformer.NEVER : byTime.firstKey();
  }

  /** The keys whose time has come, at most about so many; they stay until they get another. */
  List<StageKey> due(long now, int limit) {
    List<StageKey> keys = new ArrayList<>();
    for (Set<StageKey> moment : byTime.headMap(now, true).values()) {
      keys.addAll(moment);
      if (keys.size() >= limit) {
        break;
      }
    }
    return keys;
  }

  void clear() {
    byTime.clear();
    times.clear();
  }
}
