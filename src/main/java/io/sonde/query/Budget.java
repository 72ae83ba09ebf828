package io.sonde.query;

import io.sonde.store.DatabaseCalls;
import io.sonde.store.Inquiry;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** The time that a question may take; it is over at once when whoever asked is gone. */
final class Budget {
  /** A question that takes longer is given up; a request is answered 503 a little later. */
  static final Duration TIME = Duration.ofSeconds(25);

  private static final long LOOKS_MILLIS = 100;

  private final Duration time;
  private final BooleanSupplier isGone;
  private final long deadline;

  /** From now on. */
  Budget(Duration time, BooleanSupplier isGone) {
    this.time = time;
    this.isGone = isGone;
    deadline = System.nanoTime() + time.toNanos();
  }

  /** The whole of it again. */
  Budget anew() {
    return new Budget(time, isGone);
  }

  /** The same for somebody who may be gone before there is an answer. */
  Budget until(BooleanSupplier whoAskedIsGone) {
    return new Budget(time, whoAskedIsGone);
  }

  /**
   * Throws where it is used up.
   *
   * @throws TooLargeException when the time is over
   * @throws CancellationException when whoever asked is gone
   */
  void check() {
    RuntimeException end = end();
    if (end != null) {
      throw end;
    }
  }

  private RuntimeException end() {
    if (isGone.getAsBoolean()) {
      return new CancellationException("whoever asked is gone");
    }
    return System.nanoTime() - deadline < 0
        ? null
        : new TooLargeException("The question takes longer than " + time.toSeconds() + " seconds");
  }

  /**
   * Asks the database, as {@link DatabaseCalls#on}, and cancels what it does when the budget is
   * used up.
   */
  <T> CompletionStage<T> ask(Executor blocking, Inquiry inquiry, Function<Inquiry, T> question) {
    return watch(inquiry, DatabaseCalls.on(blocking, () -> question.apply(inquiry)));
  }

  /** Ends an inquiry when the budget is used up before there is an answer. */
  <T> CompletionStage<T> watch(Inquiry inquiry, CompletionStage<T> answer) {
    look(inquiry, answer.toCompletableFuture());
    return answer;
  }

  /** Looks again and again: a client that is gone has no thread that could tell. */
  private void look(Inquiry inquiry, CompletableFuture<?> answer) {
    CompletableFuture.delayedExecutor(LOOKS_MILLIS, TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              if (!answer.isDone()) {
                RuntimeException end = end();
                if (end == null) {
                  look(inquiry, answer);
                } else {
                  inquiry.end(end);
                }
              }
            });
  }
}
