package io.sonde.store;

import io.sonde.model.UnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls of the database by those who must not wait for it. */
public final class DatabaseCalls {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseCalls.class);

  private DatabaseCalls() {}

  /**
   * Runs work on threads that may wait.
   *
   * @return fails with {@link UnavailableException} when the database is away; then it is not known
   *     whether the work took effect
   */
  public static <T> CompletionStage<T> on(Executor blocking, Supplier<T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.get();
          } catch (DatabaseException e) {
            LOG.warn("the database cannot be asked now: {}", e.getMessage());
            throw new UnavailableException("the database cannot be asked now", e);
          }
        },
        blocking);
  }
}
