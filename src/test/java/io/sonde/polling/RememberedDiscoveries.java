package io.sonde.polling;

import io.sonde.model.UnavailableException;
import io.sonde.store.DiscoveredStore.Discovered;
import io.sonde.store.DiscoveredStore.Memory;
import io.sonde.store.DiscoveredStore.Searcher;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A memory in memory. */
final class RememberedDiscoveries implements DiscoveryMemory {
  private final Map<Searcher, Map<String, Discovered>> all = new ConcurrentHashMap<>();
  private final Map<Searcher, Instant> complete = new ConcurrentHashMap<>();
  private volatile boolean isAway;

  /** From now on it cannot be asked, or can be again. */
  void away(boolean now) {
    isAway = now;
  }

  Collection<Discovered> of(Errand errand) {
    return all.getOrDefault(errand.searcher(), Map.of()).values();
  }

  @Override
  public CompletionStage<Memory> load(Searcher searcher) {
    return isAway
        ? CompletableFuture.failedFuture(new UnavailableException("away"))
        : CompletableFuture.completedFuture(
            new Memory(
                List.copyOf(all.getOrDefault(searcher, Map.of()).values()),
                complete.get(searcher)));
  }

  @Override
  public CompletionStage<Set<String>> knownElsewhere(
      Searcher searcher, Collection<String> resourceIds) {
    Set<String> known = new HashSet<>();
    all.forEach(
        (other, resources) -> {
          if (!other.equals(searcher)) {
            resources.values().stream()
                .filter(one -> one.lastFound() == null)
                .map(Discovered::resourceId)
                .forEach(known::add);
          }
        });
    known.retainAll(resourceIds);
    return isAway
        ? CompletableFuture.failedFuture(new UnavailableException("away"))
        : CompletableFuture.completedFuture(known);
  }

  @Override
  public CompletionStage<Void> update(
      Searcher searcher,
      Instant lastComplete,
      Collection<Discovered> known,
      Collection<Discovered> forgotten) {
    if (isAway) {
      return CompletableFuture.failedFuture(new UnavailableException("away"));
    }
    Map<String, Discovered> mine =
        all.computeIfAbsent(searcher, first -> new ConcurrentHashMap<>());
    forgotten.forEach(one -> mine.remove(one.pollster() + "/" + one.resourceId()));
    known.forEach(one -> mine.put(one.pollster() + "/" + one.resourceId(), one));
    if (lastComplete != null) {
      complete.put(searcher, lastComplete);
    }
    return CompletableFuture.completedFuture(null);
  }
}
