package io.sonde.query;

import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.model.Trait;
import io.sonde.store.DatabaseException;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore;
import io.sonde.store.EventStore.Place;
import io.sonde.store.EventStore.TraitName;
import io.sonde.store.Inquiry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions about events, and drops old ones. The stages fail with {@link
 * io.sonde.model.UnavailableException} when the database is away, and with {@link
 * TooLargeException} when the answer takes too long or is too much text.
 */
public final class EventService {
  private static final Logger LOG = LoggerFactory.getLogger(EventService.class);
  private static final int DROPPED_AT_ONCE = 1_000;

  private final EventStore store;
  private final EventRetention retention;
  private final Executor blocking;
  private final Budget budget;
  private final Consumer<String> plans;

  /** {@code blocking} runs what waits for the database. */
  public EventService(EventStore store, EventRetention retention, Executor blocking) {
    this(store, retention, blocking, new Budget(Budget.TIME, () -> false), null);
  }

  private EventService(
      EventStore store,
      EventRetention retention,
      Executor blocking,
      Budget budget,
      Consumer<String> plans) {
    this.store = store;
    this.retention = retention;
    this.blocking = blocking;
    this.budget = budget;
    this.plans = plans;
  }

  /** The same that tells how the database finds its answers, see {@link Inquiry}. */
  public EventService explained(Consumer<String> into) {
    return new EventService(store, retention, blocking, budget, into);
  }

  /**
   * The same for somebody who may be gone before there is an answer: then the database is told to
   * stop, and the stages fail with {@link java.util.concurrent.CancellationException}.
   */
  public EventService until(BooleanSupplier isGone) {
    return new EventService(store, retention, blocking, budget.until(isGone), plans);
  }

  /** The same whose questions may take as long as this. */
  EventService within(Duration time) {
    return new EventService(store, retention, blocking, new Budget(time, () -> false), plans);
  }

  /** See {@link EventStore#find}. */
  public CompletionStage<List<Event>> find(EventFilter filter, Place after, int limit) {
    return ask(
        Narrowing.of(filter).limit(limit),
        inquiry -> store.find(filter, after, limit, new TextBudget()::take, inquiry));
  }

  /** See {@link EventStore#types}. */
  public CompletionStage<List<String>> types(EventFilter filter, String after, int limit) {
    return ask(Narrowing.of(filter), inquiry -> store.types(filter, after, limit, inquiry));
  }

  /** See {@link EventStore#traits}. */
  public CompletionStage<List<TraitName>> traits(EventFilter filter, TraitName after, int limit) {
    return ask(Narrowing.of(filter), inquiry -> store.traits(filter, after, limit, inquiry));
  }

  /** See {@link EventStore#values}. */
  public CompletionStage<List<Trait>> values(
      EventFilter filter, String name, Trait after, int limit) {
    return ask(Narrowing.of(filter), inquiry -> store.values(filter, name, after, limit, inquiry));
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

  private <T> CompletionStage<T> ask(Narrowing narrowing, Function<Inquiry, T> question) {
    return narrowing.advise(budget.anew().ask(blocking, new Inquiry(plans), question));
  }
}
