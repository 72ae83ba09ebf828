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
import io.sonde.model.UnavailableException;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.CorruptDataException;
import io.sonde.store.QueryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Reads samples so that each acknowledged one is seen once, whatever is flushed or handed over
 * meanwhile: first one view of the database, then from each collector what is not in chunk rows in
 * that view. Where a collector cannot answer for that view, a new one is taken.
 */
final class Reader {
  private static final int TRIES = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ActorSystem<?> system;
  private final Collectors collectors;
  private final QueryStore store;
  private final Executor blocking;

  Reader(ActorSystem<?> system, Collectors collectors, QueryStore store, Executor blocking) {
    this.system = system;
    this.collectors = collectors;
    this.store = store;
    this.blocking = blocking;
  }

  /**
   * Reads what a filter's equality and time conditions let through; some samples at the edges of
   * time are too many.
   *
   * @param isMoreWanted made anew for each try: is told the latest timestamp of each chunk row
   *     before its samples, and says whether this and further rows are wanted
   * @return fails with {@link UnavailableException} when no complete answer can be had
   */
  CompletionStage<Found> read(
      SampleFilter filter,
      QueryStore.Chunks chunks,
      ReadRequest.Wants wants,
      Supplier<Predicate<Columns>> isMoreWanted) {
    return attempt(filter, chunks, wants, isMoreWanted, 1);
  }

  private CompletionStage<Found> attempt(
      SampleFilter filter,
      QueryStore.Chunks chunks,
      ReadRequest.Wants wants,
      Supplier<Predicate<Columns>> isMoreWanted,
      int number) {
    Found found = new Found();
    return CompletableFuture.supplyAsync(
            () -> readDatabase(filter, chunks, isMoreWanted.get(), found), blocking)
        .thenCompose(states -> readCollectors(filter, wants, states))
        .handle(
            (answers, failure) -> {
              if (failure == null) {
                answers.forEach(parts -> parts.forEach(part -> ReadPart.read(part, into(found))));
                return CompletableFuture.completedStage(found);
              }
              Throwable cause =
                  failure instanceof CompletionException ? failure.getCause() : failure;
              if (cause instanceof CorruptDataException damage) {
                throw damage;
              }
              if (number == TRIES) {
                throw new UnavailableException("no complete answer can be had now", failure);
              }
              return CompletableFuture.supplyAsync(
                      () -> number + 1,
                      CompletableFuture.delayedExecutor(
                          50L << number, TimeUnit.MILLISECONDS, blocking))
                  .thenCompose(next -> attempt(filter, chunks, wants, isMoreWanted, next));
            })
        .thenCompose(stage -> stage);
  }

  private List<QueryStore.CollectorState> readDatabase(
      SampleFilter filter, QueryStore.Chunks chunks, Predicate<Columns> isMoreWanted, Found found) {
    String resource = filter.equal().get(SeriesField.RESOURCE_ID);
    return store.read(
        resource == null ? -1 : collectors.collectorOf(resource),
        filter.series(),
        filter.from(),
        filter.to(),
        chunks,
        found::add,
        (series, payload) -> {
          Columns columns = ChunkCodec.decode(payload);
          boolean isWanted = isMoreWanted.test(columns);
          if (isWanted) {
            found.add(series, columns);
          }
          return isWanted;
        });
  }

  private CompletionStage<List<List<byte[]>>> readCollectors(
      SampleFilter filter, ReadRequest.Wants wants, List<QueryStore.CollectorState> states) {
    CompletableFuture<List<List<byte[]>>> all =
        CompletableFuture.completedFuture(new ArrayList<>());
    for (QueryStore.CollectorState state : states) {
      ReadRequest request =
          new ReadRequest(
              filter.series(),
              filter.from(),
              filter.to(),
              wants,
              state.generation(),
              state.sequence());
      CompletionStage<List<byte[]>> one =
          collectors
              .read(state.collector(), request, PATIENCE)
              .thenCompose(reply -> pull(reply, new ArrayList<>()));
      all =
          all.thenCombine(
              one,
              (answers, parts) -> {
                answers.add(parts);
                return answers;
              });
    }
    return all;
  }

  private CompletionStage<List<byte[]>> pull(Collector.ReadReply reply, List<byte[]> parts) {
    if (reply instanceof Collector.Retry retry) {
      return CompletableFuture.failedStage(
          new CompletionException(new UnavailableException(retry.reason())));
    }
    Collector.Part part = (Collector.Part) reply;
    parts.add(part.records());
    if (part.more() == null) {
      return CompletableFuture.completedStage(parts);
    }
    ActorRef<ReadCursor.Command> cursor = part.more();
    return AskPattern.<ReadCursor.Command, Collector.ReadReply>ask(
            cursor, ReadCursor.Next::new, PATIENCE, system.scheduler())
        .thenCompose(next -> pull(next, parts));
  }

  private static ReadPart.Visitor into(Found found) {
    return new ReadPart.Visitor() {
      @Override
      public void series(int number, Series series) {
        found.add(series);
      }

      @Override
      public void samples(int number, Series series, byte[] chunk) {
        found.add(series, ChunkCodec.decode(chunk));
      }

      @Override
      public void metadata(Metadata metadata) {
        found.add(metadata);
      }
    };
  }
}
