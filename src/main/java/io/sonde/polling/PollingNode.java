package io.sonde.polling;

import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the actors of this room share on one node.
 *
 * @param host name of the host that the node is on
 * @param pollsters those of this node
 * @param intake takes what was read; its answer fails when that could not be stored
 */
record PollingNode(
    String host,
    PollsterSet pollsters,
    Function<SampleBatch, CompletionStage<Receipt>> intake,
    PollingMetrics metrics,
    Clock clock) {

  /** For pollsters that do not keep their deadline themselves. */
  private static final Duration GRACE = Duration.ofMillis(200);

  /** Reads a target here. Never throws and always ends, soon after the deadline at the latest. */
  CompletionStage<SampleBatch> read(PolledTarget target, Duration deadline) {
    Pollster pollster = pollsters.named(target.pollster());
    if (pollster == null) {
      return CompletableFuture.failedFuture(
          new PollException("this node has no pollster " + target.pollster()));
    }
    return guarded(() -> pollster.poll(target, deadline), deadline.plus(GRACE));
  }

  /**
   * Hands samples to the intake. Never throws and always ends, after the deadline at the latest.
   */
  CompletionStage<Receipt> handIn(SampleBatch batch, Duration deadline) {
    return guarded(() -> intake.apply(batch), deadline);
  }

  private static <T> CompletionStage<T> guarded(
      Supplier<CompletionStage<T>> call, Duration deadline) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    try {
      call.get()
          .whenComplete(
              (value, failure) -> {
                if (failure == null) {
                  outcome.complete(value);
                } else {
                  outcome.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException e) {
      outcome.completeExceptionally(e);
    }
    return outcome
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(named(failure, deadline)));
  }

  private static Throwable named(Throwable failure, Duration deadline) {
    return failure instanceof TimeoutException
        ? new PollException("no answer within " + deadline.toMillis() + " ms")
        : failure;
  }
}
