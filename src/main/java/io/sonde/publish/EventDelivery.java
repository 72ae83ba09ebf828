package io.sonde.publish;

import io.sonde.model.Event;
import io.sonde.model.Receipt;
import io.sonde.model.UnavailableException;
import io.sonde.store.DatabaseCalls;
import io.sonde.store.EventStore;
import io.sonde.store.EventStore.Routed;
import io.sonde.store.QueueStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.ToIntFunction;

/**
 * Makes events durable: recorded, and queued for publishers in the same transaction, so that what
 * is recorded is published and a copy is not. For use by many threads.
 */
public final class EventDelivery {
  private static final int ROW_BYTES = 256 * 1024;
  private static final int OVERHEAD_BYTES = 256;

  private final EventStore store;
  private final ToIntFunction<String> collectorOf;
  private final Executor blocking;
  private final Clock clock;
  private final Runnable afterWrite;

  /**
   * A delivery.
   *
   * @param collectorOf at which collector what is queued for a publisher of this name waits
   * @param afterWrite run when there may be something new in the queue
   */
  public EventDelivery(
      EventStore store,
      ToIntFunction<String> collectorOf,
      Executor blocking,
      Clock clock,
      Runnable afterWrite) {
    this.store = store;
    this.collectorOf = collectorOf;
    this.blocking = blocking;
    this.clock = clock;
    this.afterWrite = afterWrite;
  }

  /**
   * Takes events, all or none.
   *
   * @return done when they are durable; fails with {@link UnavailableException} when that is not
   *     known
   */
  public CompletionStage<Receipt> add(List<Routed> events) {
    return DatabaseCalls.on(
        blocking,
        () -> {
          Receipt receipt = store.add(events, this::rows);
          if (events.stream().anyMatch(event -> !event.publishers().isEmpty())) {
            afterWrite.run();
          }
          return receipt;
        });
  }

  private List<QueueStore.NewRow> rows(List<Routed> events) {
    Map<String, List<Event>> byPublisher = new LinkedHashMap<>();
    for (Routed routed : events) {
      for (String publisher : routed.publishers()) {
        byPublisher.computeIfAbsent(publisher, any -> new ArrayList<>()).add(routed.event());
      }
    }
    long now = clock.instant().getEpochSecond();
    List<QueueStore.NewRow> rows = new ArrayList<>();
    byPublisher.forEach(
        (publisher, queued) -> {
          int collector = collectorOf.applyAsInt(publisher);
          for (List<Event> part : parts(queued)) {
            rows.add(new QueueStore.NewRow(publisher, collector, now, EventCodec.encode(part)));
          }
        });
    return rows;
  }

  /** Cut where a row becomes large; an event by itself may be larger. */
  private static List<List<Event>> parts(List<Event> events) {
    List<List<Event>> parts = new ArrayList<>();
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      bytes += OVERHEAD_BYTES + event.raw().length() + 64L * event.traits().size();
      if (bytes >= ROW_BYTES || i == events.size() - 1) {
        parts.add(events.subList(from, i + 1));
        from = i + 1;
        bytes = 0;
      }
    }
    return parts;
  }
}
