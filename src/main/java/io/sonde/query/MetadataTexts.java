package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.store.QueryStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Finds the metadata of ids. An id names its content, so what was found once holds for ever. */
final class MetadataTexts {
  private static final long CACHED = 16L << 20;

  /** Texts that one statement looks up. */
  private static final int AT_ONCE = 1_000;

  private final QueryStore store;
  private final Executor blocking;
  private final RecentlyUsed<Metadata> cache = new RecentlyUsed<>(CACHED);

  MetadataTexts(QueryStore store, Executor blocking) {
    this.store = store;
    this.blocking = blocking;
  }

  /**
   * The metadata of these ids. Fails with {@link TooLargeException} when it has too much text.
   *
   * @param fresh metadata that no row may hold yet
   */
  CompletionStage<Map<UUID, Metadata>> find(Set<UUID> ids, Map<UUID, Metadata> fresh) {
    Map<UUID, Metadata> found = new HashMap<>();
    Set<UUID> missing = take(ids, fresh, found);
    return missing.isEmpty()
        ? CompletableFuture.completedStage(found)
        : CompletableFuture.supplyAsync(() -> look(missing, store::metadata, found), blocking);
  }

  /** The same at once, where the caller has a way to look that does not wait for a connection. */
  Map<UUID, Metadata> find(Set<UUID> ids, Function<Set<UUID>, Map<UUID, Metadata>> lookup) {
    Map<UUID, Metadata> found = new HashMap<>();
    Set<UUID> missing = take(ids, Map.of(), found);
    return missing.isEmpty() ? found : look(missing, lookup, found);
  }

  /** Takes what is known; gives what is not. */
  private Set<UUID> take(Set<UUID> ids, Map<UUID, Metadata> fresh, Map<UUID, Metadata> found) {
    found.put(Metadata.EMPTY.id(), Metadata.EMPTY);
    Set<UUID> missing = new HashSet<>();
    synchronized (cache) {
      for (UUID id : ids) {
        Metadata known = fresh.containsKey(id) ? fresh.get(id) : cache.get(id);
        if (known != null) {
          found.put(id, known);
        } else if (!found.containsKey(id)) {
          missing.add(id);
        }
      }
    }
    return missing;
  }

  private Map<UUID, Metadata> look(
      Set<UUID> missing,
      Function<Set<UUID>, Map<UUID, Metadata>> lookup,
      Map<UUID, Metadata> found) {
    TextBudget budget = new TextBudget();
    found.values().forEach(text -> budget.take(text.json().length()));
    List<UUID> ids = List.copyOf(missing);
    for (int from = 0; from < ids.size(); from += AT_ONCE) {
      Set<UUID> some = Set.copyOf(ids.subList(from, Math.min(ids.size(), from + AT_ONCE)));
      Map<UUID, Metadata> stored = lookup.apply(some);
      stored.values().forEach(text -> budget.take(text.json().length()));
      synchronized (cache) {
        stored.forEach((id, text) -> cache.put(id, text, text.json().length()));
      }
      found.putAll(stored);
    }
    return found;
  }
}
