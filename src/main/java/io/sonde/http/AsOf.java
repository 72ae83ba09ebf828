package io.sonde.http;

import io.sonde.model.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The argument {@code as_of}: a question is answered from what had been recorded by the end of that
 * second, so the answer is the same whenever it is asked.
 *
 * @param second since 1970; {@link Long#MAX_VALUE} where all that is recorded counts
 */
record AsOf(long second) {
  /** The argument. */
  static final String ARGUMENT = "as_of";

  private static final long MICROS = 1_000_000;

  /** What a request asks. */
  static AsOf of(Arguments arguments) {
    return new AsOf(second(ARGUMENT, arguments.one(ARGUMENT), Long.MAX_VALUE));
  }

  /**
   * The second of a moment in the past.
   *
   * @param name of the argument
   * @param text as it was given, or null
   * @param absent where it was not given
   */
  static long second(String name, String text, long absent) {
    if (text == null) {
      return absent;
    }
    long second;
    try {
      second = Math.floorDiv(Timestamps.parse(text.strip()), MICROS);
    } catch (IllegalArgumentException e) {
      throw ApiException.invalidInput(name, text, e.getMessage());
    }
    Instant now = Instant.now();
    if (second > now.getEpochSecond()) {
      throw ApiException.invalidInput(
          name,
          text,
          "a time up to now is expected, which is "
              + Timestamps.format(now.getEpochSecond() * MICROS)
              + " here");
    }
    return second;
  }

  /** Asks when the second is over: within it more may be recorded yet. */
  <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
    Instant now = Instant.now();
    if (second == Long.MAX_VALUE || second < now.getEpochSecond()) {
      return question.get();
    }
    long left = Duration.between(now, Instant.ofEpochSecond(second + 1)).toNanos();
    return CompletableFuture.supplyAsync(
            question, CompletableFuture.delayedExecutor(left, TimeUnit.NANOSECONDS))
        .thenCompose(asked -> asked);
  }
}
