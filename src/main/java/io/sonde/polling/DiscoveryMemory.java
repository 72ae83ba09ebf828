package io.sonde.polling;

import io.sonde.store.DatabaseCalls;
import io.sonde.store.DiscoveredStore;
import io.sonde.store.DiscoveredStore.Discovered;
import io.sonde.store.DiscoveredStore.Memory;
import io.sonde.store.DiscoveredStore.Searcher;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** What outlives the node on which a discovery runs. The stages fail when it cannot be asked. */
interface DiscoveryMemory {
  /** See {@link DiscoveredStore#load}. */
  CompletionStage<Memory> load(Searcher searcher);

  /** See {@link DiscoveredStore#knownElsewhere}. */
  CompletionStage<Set<String>> knownElsewhere(Searcher searcher, Collection<String> resourceIds);

  /** See {@link DiscoveredStore#update}. */
  CompletionStage<Void> update(
      Searcher searcher,
      Instant lastComplete,
      Collection<Discovered> known,
      Collection<Discovered> forgotten);

  /** In the database. */
  static DiscoveryMemory of(DiscoveredStore store, Executor blocking) {
    return new DiscoveryMemory() {
      @Override
      public CompletionStage<Memory> load(Searcher searcher) {
        return DatabaseCalls.on(blocking, () -> store.load(searcher));
      }

      @Override
      public CompletionStage<Set<String>> knownElsewhere(
          Searcher searcher, Collection<String> resourceIds) {
        return DatabaseCalls.on(blocking, () -> store.knownElsewhere(searcher, resourceIds));
      }

      @Override
      public CompletionStage<Void> update(
          Searcher searcher,
          Instant lastComplete,
          Collection<Discovered> known,
          Collection<Discovered> forgotten) {
        return DatabaseCalls.on(
            blocking,
            () -> {
              store.update(searcher, lastComplete, known, forgotten);
              return null;
            });
      }
    };
  }
}
