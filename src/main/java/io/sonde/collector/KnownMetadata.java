package io.sonde.collector;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The metadata whose text a collector has journaled lately: its id is enough in further events. */
final class KnownMetadata {
  private static final int REMEMBERED = 20_000;

  private final Map<UUID, Boolean> ids =
      new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  boolean contains(UUID id) {
    return ids.containsKey(id);
  }

  void add(UUID id) {
    ids.put(id, true);
  }

  void clear() {
    ids.clear();
  }
}
