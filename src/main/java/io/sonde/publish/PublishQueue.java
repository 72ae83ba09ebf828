package io.sonde.publish;

import io.sonde.collector.Shares;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import io.sonde.series.BatchCodec;
import io.sonde.store.QueueStore;
import io.sonde.store.Slots;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Makes durable what is published without being stored. While one transaction is under way,
 * arriving batches gather; then they go into one, with few rows. For use by many threads.
 */
final class PublishQueue {
  private static final int ROW_BYTES = 256 * 1024;
  private static final int MAX_GROUP_SAMPLES = 50_000;

  private record Arrival(
      Set<String> publishers, SampleBatch samples, CompletableFuture<Void> written) {}

  private final QueueStore store;
  private final Slots slots;
  private final Executor blocking;
  private final Clock clock;
  private final Runnable afterWrite;
  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private boolean isWriting;

  /**
   * A queue.
   *
   * @param afterWrite run when there is something new in it
   */
  PublishQueue(QueueStore store, Slots slots, Executor blocking, Clock clock, Runnable afterWrite) {
    this.store = store;
    this.slots = slots;
    this.blocking = blocking;
    this.clock = clock;
    this.afterWrite = afterWrite;
  }

  /**
   * Queues samples for these publishers.
   *
   * @return done when they are durable; fails with {@link UnavailableException} when that is not
   *     known
   */
  CompletionStage<Void> add(Set<String> publishers, SampleBatch samples) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    synchronized (this) {
      arrivals.addLast(new Arrival(publishers, samples, written));
      if (isWriting) {
        return written;
      }
      isWriting = true;
    }
    blocking.execute(this::write);
    return written;
  }

  private void write() {
    for (List<Arrival> group = next(); !group.isEmpty(); group = next()) {
      Throwable failure = null;
      try {
        store.add(rows(group));
      } catch (RuntimeException | Error e) {
        failure = new UnavailableException("samples cannot be queued for publishers", e);
      }
      for (Arrival arrival : group) {
        if (failure == null) {
          arrival.written().complete(null);
        } else {
          arrival.written().completeExceptionally(failure);
        }
      }
      afterWrite.run();
    }
  }

  private synchronized List<Arrival> next() {
    List<Arrival> group = new ArrayList<>();
    int samples = 0;
    while (!arrivals.isEmpty() && samples < MAX_GROUP_SAMPLES) {
      Arrival arrival = arrivals.removeFirst();
      samples += arrival.samples().size();
      group.add(arrival);
    }
    isWriting = !group.isEmpty();
    return group;
  }

  private List<QueueStore.NewRow> rows(List<Arrival> group) {
    Map<Set<String>, List<SampleBatch>> byPublishers = new LinkedHashMap<>();
    for (Arrival arrival : group) {
      byPublishers
          .computeIfAbsent(arrival.publishers(), publishers -> new ArrayList<>())
          .add(arrival.samples());
    }
    long now = clock.instant().getEpochSecond();
    List<QueueStore.NewRow> rows = new ArrayList<>();
    byPublishers.forEach(
        (publishers, batches) -> {
          for (Shares.Share share :
              Shares.of(
                  SampleBatch.together(batches),
                  slots.collectors(),
                  slots::collectorOf,
                  ROW_BYTES)) {
            byte[] payload = BatchCodec.encode(share.samples());
            for (String publisher : publishers) {
              rows.add(new QueueStore.NewRow(publisher, share.collector(), now, payload));
            }
          }
        });
    return rows;
  }
}
