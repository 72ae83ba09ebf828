package io.sonde.polling;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Bounds how many polls of one host are under way at a time on this node; the others wait in the
 * order of their coming, and their waiting counts towards their deadline. For use by many threads.
 */
final class HostLimits {
  private final int limit;
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();

  HostLimits(int limit) {
    this.limit = limit;
  }

  /** Who waits before a host, and how many are inside. */
  private static final class Gate {
    private final Queue<CompletableFuture<Void>> waiting = new ArrayDeque<>();
    private int inside;
  }

  /**
   * Makes a call when its turn has come.
   *
   * @param host null for none in particular: then at once
   * @param call given what is left of the deadline
   */
  <T> CompletionStage<T> call(
      String host, Duration deadline, Function<Duration, CompletionStage<T>> call) {
    if (host == null) {
      return call.apply(deadline);
    }
    long begun = System.nanoTime();
    CompletableFuture<Void> turn = enter(host);
    if (turn.isDone()) {
      return made(call, deadline).whenComplete((answer, failure) -> leave(host));
    }
    return turn.orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .handle((come, failure) -> failure == null)
        .thenCompose(
            come -> {
              if (!come) {
                return CompletableFuture.failedFuture(
                    new PollException(
                        "no turn within "
                            + deadline.toMillis()
                            + " ms: "
                            + limit
                            + " other polls of "
                            + host
                            + " were under way"));
              }
              return made(call, deadline.minusNanos(System.nanoTime() - begun))
                  .whenComplete((answer, failure) -> leave(host));
            });
  }

  private static <T> CompletionStage<T> made(
      Function<Duration, CompletionStage<T>> call, Duration left) {
    try {
      return call.apply(left.toMillis() < 1 ? Duration.ofMillis(1) : left);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<Void> enter(String host) {
    CompletableFuture<Void> turn = new CompletableFuture<>();
    gates.compute(
        host,
        (name, there) -> {
          Gate gate = there == null ? new Gate() : there;
          if (gate.inside < limit) {
            gate.inside++;
            turn.complete(null);
          } else {
            gate.waiting.add(turn);
          }
          return gate;
        });
    return turn;
  }

  private void leave(String host) {
    CompletableFuture<?>[] next = {null};
    do {
      next[0] = null;
      gates.compute(
          host,
          (name, gate) -> {
            next[0] = gate.waiting.poll();
            if (next[0] == null) {
              gate.inside--;
            }
            return gate.inside == 0 ? null : gate;
          });
      // Who gave up waiting meanwhile hands the turn on.
    } while (next[0] != null && !next[0].complete(null));
  }
}
