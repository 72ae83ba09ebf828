package io.sonde.query;

import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.model.Trait;
import io.sonde.model.UnavailableException;
import io.sonde.store.DatabaseCalls;
import io.sonde.store.DatabaseException;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore;
import io.sonde.store.EventStore.Place;
import io.sonde.store.EventStore.TraitName;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions about events, and drops old ones. The stages fail with {@link
 * UnavailableException} when the database is away.
 */
public final class EventService {
  /** An answer of more rows than this is refused, where it has no places to go on from. */
  static final int MAX_ROWS = 250_000;

  private static final Logger LOG = LoggerFactory.getLogger(EventService.class);
  private static final int DROPPED_AT_ONCE = 1_000;

  private final EventStore store;
  private final EventRetention retention;
  private final Executor blocking;

  /** {@code blocking} runs what waits for the database. */
  public EventService(EventStore store, EventRetention retention, Executor blocking) {
    this.store = store;
    this.retention = retention;
    this.blocking = blocking;
  }

  /** See {@link EventStore#find}. Fails with {@link TooLargeException} when it is too much text. */
  public CompletionStage<List<Event>> find(EventFilter filter, Place after, int limit) {
    return run(() -> store.find(filter, after, limit, new TextBudget()::take));
  }

  /** See {@link EventStore#types}. */
  public CompletionStage<List<String>> types(EventFilter filter, int limit) {
    return bounded(limit, most -> store.types(filter, most));
  }

  /** See {@link EventStore#traits}. */
  public CompletionStage<List<TraitName>> traits(EventFilter filter, int limit) {
    return bounded(limit, most -> store.traits(filter, most));
  }

  /** See {@link EventStore#values}. */
  public CompletionStage<List<Trait>> values(EventFilter filter, String name, int limit) {
    return bounded(limit, most -> store.values(filter, name, most));
  }

  /** Drops what is too old; done again later where it fails. Blocks. */
  public void dropOld() {
    long cutoff = retention.cutoff();
    if (cutoff == EventRetention.FOR_EVER) {
      return;
    }
    try {
      int dropped;
      int all = 0;
      do {
        dropped = store.drop(cutoff, DROPPED_AT_ONCE);
        all += dropped;
      } while (dropped == DROPPED_AT_ONCE);
      if (all > 0) {
        LOG.info("dropped {} events that are older than sonde.events.keep", all);
      }
    } catch (DatabaseException e) {
      LOG.warn("events that are too old cannot be dropped now: {}", e.getMessage());
    }
  }

  private <T> CompletionStage<List<T>> bounded(int limit, IntFunction<List<T>> question) {
    int most = Math.min(limit, MAX_ROWS + 1);
    return run(
        () -> {
          List<T> rows = question.apply(most);
          if (rows.size() > MAX_ROWS) {
            throw new TooLargeException(
                "The answer has more than " + MAX_ROWS + " rows: give a limit.");
          }
          return rows;
        });
  }

  private <T> CompletionStage<T> run(Supplier<T> work) {
    return DatabaseCalls.on(blocking, work);
  }
}
