package io.sonde.query;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import io.sonde.collector.Collector;
import io.sonde.collector.Collectors;
import io.sonde.collector.ReadCursor;
import io.sonde.collector.ReadPart;
import io.sonde.collector.ReadRequest;
import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.model.UnavailableException;
import io.sonde.series.CorruptDataException;
import io.sonde.series.TimeSplit;
import io.sonde.store.Inquiry;
import io.sonde.store.QueryStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Reads samples so that each acknowledged one is seen once, whatever is flushed or handed over
 * meanwhile: first one view of the database, then from each collector what is not in chunk rows in
 * that view. Where a collector cannot answer for that view, a new one is taken.
 */
final class Reader {
  private static final int TRIES = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * What is read.
   *
   * @param filter which series
   * @param time its bounds; some samples at the edges are too many where samples are asked for
   * @param chunks which chunk rows
   * @param wants what the collectors are asked for
   * @param recordedUntil the latest second of recording, since 1970, that is asked for; {@link
   *     Long#MAX_VALUE} where there is none
   */
  record Reading(
      SeriesFilter filter,
      TimeSplit time,
      QueryStore.Chunks chunks,
      ReadRequest.Wants wants,
      long recordedUntil) {}

  private final ActorSystem<?> system;
  private final Collectors collectors;
  private final QueryStore store;
  private final Executor blocking;
  private final Costs costs;
  private final Budget budget;

  Reader(ActorSystem<?> system, Collectors collectors, QueryStore store, Executor blocking) {
    this(system, collectors, store, blocking, null, new Budget(Budget.TIME, () -> false));
  }

  private Reader(
      ActorSystem<?> system,
      Collectors collectors,
      QueryStore store,
      Executor blocking,
      Costs costs,
      Budget budget) {
    this.system = system;
    this.collectors = collectors;
    this.store = store;
    this.blocking = blocking;
    this.costs = costs;
    this.budget = budget;
  }

  /** The same that counts what its readings cost. */
  Reader counting(Costs into) {
    return new Reader(system, collectors, store, blocking, into, budget);
  }

  /** The same for somebody who may be gone before all is read. */
  Reader until(BooleanSupplier whoAskedIsGone) {
    return new Reader(system, collectors, store, blocking, costs, budget.until(whoAskedIsGone));
  }

  /** The same for another question, whose time begins now. */
  Reader begun() {
    return new Reader(system, collectors, store, blocking, costs, budget.anew());
  }

  /** The time of the question that this reads for. */
  Budget budget() {
    return budget;
  }

  /**
   * Reads.
   *
   * @param findings made anew for each try
   * @return fails with {@link UnavailableException} when no complete answer can be had, with {@link
   *     BrokenCollectorException} when there is none until something is mended, with {@link
   *     TooLargeException} when the findings refuse to take more, and with {@link
   *     CancellationException} when whoever asked is gone
   */
  <T extends Findings> CompletionStage<T> read(Reading reading, Supplier<T> findings) {
    return attempt(reading, findings, 1);
  }

  private <T extends Findings> CompletionStage<T> attempt(
      Reading reading, Supplier<T> supplier, int number) {
    T findings = supplier.get();
    Costs.Reading counts = costs == null ? null : costs.begin(reading, number);
    Findings budgeted = new Budgeted(findings, counts, budget);
    Inquiry inquiry = new Inquiry();
    return budget
        .watch(
            inquiry,
            CompletableFuture.supplyAsync(
                () -> readDatabase(reading, budgeted, inquiry, counts), blocking))
        .thenCompose(collectorsAreRead -> collectorsAreRead)
        .handle(
            (done, failure) -> {
              if (counts != null) {
                counts.end();
              }
              if (failure == null) {
                return CompletableFuture.completedStage(findings);
              }
              Throwable cause =
                  failure instanceof CompletionException ? failure.getCause() : failure;
              if (cause instanceof CorruptDataException
                  || cause instanceof BrokenCollectorException
                  || cause instanceof TooLargeException
                  || cause instanceof CancellationException) {
                return CompletableFuture.<T>failedStage(cause);
              }
              if (number == TRIES) {
                throw new UnavailableException("no complete answer can be had now", failure);
              }
              return CompletableFuture.supplyAsync(
                      () -> number + 1,
                      CompletableFuture.delayedExecutor(
                          50L << number, TimeUnit.MILLISECONDS, blocking))
                  .thenCompose(next -> attempt(reading, supplier, next));
            })
        .thenCompose(stage -> stage);
  }

  /** The collectors are asked while the database ends the transaction. */
  private CompletionStage<Void> readDatabase(
      Reading reading, Findings findings, Inquiry inquiry, Costs.Reading counts) {
    String resource = reading.filter().equal().get(SeriesField.RESOURCE_ID);
    return store.read(
        new QueryStore.Question(
            resource == null ? -1 : collectors.collectorOf(resource),
            reading.filter(),
            reading.time(),
            reading.chunks(),
            reading.recordedUntil()),
        findings,
        inquiry,
        states -> {
          if (counts != null) {
            counts.collectors.set(states.size());
          }
          return readCollectors(reading, states, findings);
        });
  }

  private CompletionStage<Void> readCollectors(
      Reading reading, List<QueryStore.CollectorState> states, Findings findings) {
    CompletableFuture<?>[] all = new CompletableFuture<?>[states.size()];
    for (int i = 0; i < all.length; i++) {
      QueryStore.CollectorState state = states.get(i);
      ReadRequest request =
          new ReadRequest(
              reading.filter(),
              reading.time(),
              reading.wants(),
              state.generation(),
              state.sequence());
      ReadPart.Visitor into = into(findings, state.collector());
      all[i] =
          collectors
              .read(state.collector(), request, PATIENCE)
              .thenCompose(reply -> pull(reply, into, findings))
              .toCompletableFuture();
    }
    return CompletableFuture.allOf(all);
  }

  private CompletionStage<Void> pull(
      Collector.ReadReply reply, ReadPart.Visitor into, Findings findings) {
    if (reply instanceof Collector.Retry retry) {
      return CompletableFuture.failedStage(
          new CompletionException(new UnavailableException(retry.reason())));
    }
    if (reply instanceof Collector.Broken broken) {
      return CompletableFuture.failedStage(
          new CompletionException(new BrokenCollectorException(broken.at())));
    }
    Collector.Part part = (Collector.Part) reply;
    // The collectors answer at the same time.
    synchronized (findings) {
      ReadPart.read(part.records(), into);
    }
    CompletionStage<Void> settled = findings.settle();
    if (part.more() == null) {
      return settled;
    }
    ActorRef<ReadCursor.Command> cursor = part.more();
    return settled
        .thenCompose(
            done ->
                AskPattern.<ReadCursor.Command, Collector.ReadReply>ask(
                    cursor, ReadCursor.Next::new, PATIENCE, system.scheduler()))
        .thenComposeAsync(next -> pull(next, into, findings), system.executionContext());
  }

  private ReadPart.Visitor into(Findings findings, int collector) {
    return new ReadPart.Visitor() {
      @Override
      public Series known(int number) {
        return store.cache().get(collector, number);
      }

      @Override
      public void series(int number, Series series) {
        store.cache().put(collector, number, series);
        findings.series(series);
      }

      @Override
      public void samples(int number, Series series, byte[] chunk) {
        store.cache().put(collector, number, series);
        findings.collected(series, null, chunk);
      }

      @Override
      public void summary(int number, Series series, byte[] directory) {
        store.cache().put(collector, number, series);
        findings.collected(series, directory, null);
      }

      @Override
      public void metadata(Metadata metadata) {
        findings.metadata(metadata);
      }
    };
  }
}
