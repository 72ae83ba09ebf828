package io.sonde.server;

import akka.actor.typed.ActorSystem;
import io.sonde.collector.Collectors;
import io.sonde.store.Database;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Whether samples can be taken and queried just now: all collectors answer, and so does the
 * database.
 */
final class Readiness {
  private static final Duration WHILE_STARTING = Duration.ofMillis(50);
  private static final Duration AFTERWARDS = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final ActorSystem<?> system;
  private final Collectors collectors;
  private final Supplier<String> missing;
  private final Database database;
  private final Executor blocking;
  private final CompletableFuture<Void> first = new CompletableFuture<>();
  private volatile CompletableFuture<String> question = CompletableFuture.completedFuture(null);
  private volatile boolean isStopped;
  private volatile String reason = "the collectors are recovering";

  /** Takes what says which role the cluster lacks, or null. */
  Readiness(
      ActorSystem<?> system,
      Collectors collectors,
      Supplier<String> missing,
      Database database,
      Executor blocking) {
    this.missing = missing;
    this.system = system;
    this.collectors = collectors;
    this.database = database;
    this.blocking = blocking;
  }

  /** Looks once a second from now on, until the system ends; the node must be a member. */
  void watch() {
    look();
  }

  /** Why not; null when all is well. */
  String reason() {
    return reason;
  }

  /** Done when all was well for the first time. */
  CompletionStage<Void> firstTime() {
    return first;
  }

  /** Says that it stops from now on, and looks no more. */
  void stop() {
    isStopped = true;
    reason = "the node is stopping";
  }

  private void look() {
    if (isStopped) {
      return;
    }
    collectorsReason()
        .thenCombine(databaseReason(), (a, b) -> b != null ? b : a)
        .handle(
            (found, failure) -> {
              if (isStopped) {
                return null;
              }
              reason = failure == null ? found : failure.toString();
              if (reason == null) {
                first.complete(null);
              }
              system
                  .scheduler()
                  .scheduleOnce(
                      first.isDone() ? AFTERWARDS : WHILE_STARTING,
                      this::look,
                      system.executionContext());
              return null;
            });
  }

  /** Where a role is missing nobody could answer. */
  private CompletionStage<String> collectorsReason() {
    String absence = missing.get();
    return absence != null
        ? CompletableFuture.completedFuture(absence)
        : collectors
            .ping(PATIENCE)
            .handle((done, failure) -> failure == null ? null : "not all collectors answer");
  }

  /**
   * A database that falls silent may hold a question for as long as the driver lets it: the look
   * goes on without its answer, and asks no further one meanwhile.
   */
  private CompletionStage<String> databaseReason() {
    if (question.isDone()) {
      question = CompletableFuture.supplyAsync(database::weakness, blocking);
    }
    return question
        .copy()
        .completeOnTimeout(
            "the database does not answer", PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }
}
