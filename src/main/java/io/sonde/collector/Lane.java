package io.sonde.collector;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Lets so many calls to one collector be under way at once; further ones wait here for their turn.
 * What a persistent actor gets while it writes is stashed by Akka, and taken out of the stash by a
 * call within a call: a few thousand stashed messages that write nothing themselves end the JVM
 * with a stack overflow. So the stash must stay small however many clients there are.
 */
final class Lane {
  private final int limit;
  private final Executor executor;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int underWay;

  /**
   * Lets this many calls be under way.
   *
   * @param executor runs what waits for the results: Akka's stages take a new thread for that on a
   *     machine with two cores
   */
  Lane(int limit, Executor executor) {
    this.limit = limit;
    this.executor = executor;
  }

  /** Starts the call when its turn comes. */
  <T> CompletionStage<T> run(Supplier<CompletionStage<T>> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Runnable start =
        () ->
            call.get()
                .whenCompleteAsync(
                    (value, failure) -> {
                      startNext();
                      if (failure == null) {
                        result.complete(value);
                      } else {
                        result.completeExceptionally(failure);
                      }
                    },
                    executor);
    synchronized (waiting) {
      if (underWay == limit) {
        waiting.add(start);
        return result;
      }
      underWay++;
    }
    start.run();
    return result;
  }

  private void startNext() {
    Runnable next;
    synchronized (waiting) {
      next = waiting.poll();
      if (next == null) {
        underWay--;
        return;
      }
    }
    next.run();
  }
}
