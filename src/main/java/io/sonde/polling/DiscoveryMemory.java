package io.sonde.polling;

import io.sonde.store.DatabaseCalls;
import io.sonde.store.DiscoveredStore;
import io.sonde.store.DiscoveredStore.Discovered;
import io.sonde.store.DiscoveredStore.Searcher;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** What outlives the node on which a discovery runs. The stages fail when it cannot be asked. */
interface DiscoveryMemory {
  /** See {@link DiscoveredStore#load}. */
  CompletionStage<List<Discovered>> load(Searcher searcher);

  /** See {@link DiscoveredStore#update}. */
  CompletionStage<Void> update(
      Searcher searcher, Collection<Discovered> known, Collection<Discovered> forgotten);

  /** In the database. */
  static DiscoveryMemory of(DiscoveredStore store, Executor blocking) {
    return new DiscoveryMemory() {
      @Override
      public CompletionStage<List<Discovered>> load(Searcher searcher) {
        return DatabaseCalls.on(blocking, () -> store.load(searcher));
      }

      @Override
      public CompletionStage<Void> update(
          Searcher searcher, Collection<Discovered> known, Collection<Discovered> forgotten) {
        return DatabaseCalls.on(
            blocking,
            () -> {
              store.update(searcher, known, forgotten);
              return null;
            });
      }
    };
  }
}
