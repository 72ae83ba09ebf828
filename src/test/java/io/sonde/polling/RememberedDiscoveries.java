package io.sonde.polling;

import io.sonde.model.UnavailableException;
import io.sonde.store.DiscoveredStore.Discovered;
import io.sonde.store.DiscoveredStore.Searcher;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A memory in memory. */
final class RememberedDiscoveries implements DiscoveryMemory {
  private final Map<Searcher, Map<String, Discovered>> all = new ConcurrentHashMap<>();
  private volatile boolean isAway;

  /** From now on it cannot be asked, or can be again. */
  void away(boolean now) {
    isAway = now;
  }

  Collection<Discovered> of(Errand errand) {
    return all.getOrDefault(errand.searcher(), Map.of()).values();
  }

  @Override
  public CompletionStage<List<Discovered>> load(Searcher searcher) {
    return isAway
        ? CompletableFuture.failedFuture(new UnavailableException("away"))
        : CompletableFuture.completedFuture(
            List.copyOf(all.getOrDefault(searcher, Map.of()).values()));
  }

  @Override
  public CompletionStage<Void> update(
      Searcher searcher, Collection<Discovered> known, Collection<Discovered> forgotten) {
    if (isAway) {
      return CompletableFuture.failedFuture(new UnavailableException("away"));
    }
    Map<String, Discovered> mine =
        all.computeIfAbsent(searcher, first -> new ConcurrentHashMap<>());
    known.forEach(one -> mine.put(one.pollster() + "/" + one.resourceId(), one));
    forgotten.forEach(one -> mine.remove(one.pollster() + "/" + one.resourceId()));
    return CompletableFuture.completedFuture(null);
  }
}
