package io.sonde.audit;

import io.sonde.model.Timestamps;
import io.sonde.model.UnavailableException;
import io.sonde.query.QueryService;
import io.sonde.query.UsageQuestion;
import io.sonde.store.DatabaseCalls;
import io.sonde.store.PeriodStore;
import io.sonde.store.PeriodStore.Sealed;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Seals periods, and shows what was sealed. A seal is a cut by the second of recording: it is made
 * of all that was recorded until the end of a second that is over for every collector, so nothing
 * can be added to it. Whatever is recorded later differs from what is stated, and the next
 * statement of the same selection says by how much, once: each correction is reckoned from what is
 * stated by then, the corrections before it included, whatever became of the cut.
 *
 * <p>The stages fail with {@link PeriodRefusedException} where a period cannot be sealed, and with
 * {@link UnavailableException} where it is not known whether it was: ask again.
 */
public final class PeriodService {
  /** How long clocks may take to leave the second of a seal behind. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration STEP = Duration.ofMillis(50);

  /** How often a seal begins anew, as others of its selection were faster. */
  private static final int ATTEMPTS = 3;

  private final QueryService queries;
  private final PeriodStore store;
  private final Supplier<CompletionStage<LongSummaryStatistics>> clocks;
  private final AuditService audit;
  private final SigningKey key;
  private final ToLongFunction<String> cutoffs;
  private final Duration corrected;
  private final Executor blocking;
  private final Map<String, CompletableFuture<Outcome>> underWay = new ConcurrentHashMap<>();

  /**
   * Seals what these queries answer.
   *
   * @param clocks the seconds, since 1970, under which collectors record now
   * @param audit makes checkpoints of all journals
   * @param key signs statements; null where there is none
   * @param cutoffs the earliest timestamp of a meter that is kept, microseconds
   * @param corrected how long after its end a period is still corrected
   * @param blocking runs what waits for the database
   */
  public PeriodService(
      QueryService queries,
      PeriodStore store,
      Supplier<CompletionStage<LongSummaryStatistics>> clocks,
      AuditService audit,
      SigningKey key,
      ToLongFunction<String> cutoffs,
      Duration corrected,
      Executor blocking) {
    this.queries = queries;
    this.store = store;
    this.clocks = clocks;
    this.audit = audit;
    this.key = key;
    this.cutoffs = cutoffs;
    this.corrected = corrected;
    this.blocking = blocking;
  }

  /**
   * What became of a seal.
   *
   * @param isNew whether it was sealed just now, and not before
   */
  public record Outcome(Statement statement, boolean isNew) {}

  /**
   * Seals a period, or finds that it was sealed. Goes on though whoever asked is gone: who asks
   * again waits for the same seal.
   *
   * @param idempotencyKey names the wish for this seal; null where it has no name
   * @param question its selection, whatever its meter and its time
   */
  public CompletionStage<Outcome> seal(
      Period period, String idempotencyKey, UsageQuestion question) {
    CompletableFuture<Outcome> mine = new CompletableFuture<>();
    CompletableFuture<Outcome> others = underWay.putIfAbsent(period.id(), mine);
    if (others != null) {
      return others.thenApply(outcome -> new Outcome(outcome.statement(), false));
    }
    attempt(period, idempotencyKey, question, ATTEMPTS)
        .whenComplete(
            (outcome, failure) -> {
              underWay.remove(period.id());
              if (failure == null) {
                mine.complete(outcome);
              } else {
                mine.completeExceptionally(failure);
              }
            });
    return mine;
  }

  /**
   * The first statements' periods after a place in the order of sealing.
   *
   * @param onlyProject null for all; else those of which this project sees anything
   */
  public CompletionStage<List<Sealed>> list(long sequence, String onlyProject, int limit) {
    return call(() -> store.after(sequence, onlyProject, limit));
  }

  /** A statement. */
  public CompletionStage<Optional<Statement>> find(String id) {
    return call(() -> store.find(id).map(this::whole));
  }

  private CompletionStage<Outcome> attempt(
      Period period, String idempotencyKey, UsageQuestion question, int left) {
    return call(() -> sealed(period, idempotencyKey))
        .thenCompose(
            found -> {
              if (found.isPresent()) {
                return CompletableFuture.completedStage(new Outcome(found.get(), false));
              }
              return left == 0
                  ? CompletableFuture.failedStage(
                      new UnavailableException("Other periods are being sealed just now."))
                  : anew(period, idempotencyKey, question)
                      .thenCompose(
                          added ->
                              added.isPresent()
                                  ? CompletableFuture.completedStage(new Outcome(added.get(), true))
                                  : attempt(period, idempotencyKey, question, left - 1));
            });
  }

  private Optional<Statement> sealed(Period period, String idempotencyKey) {
    if (idempotencyKey != null) {
      store
          .findByKey(idempotencyKey)
          .filter(other -> !other.id().equals(period.id()))
          .ifPresent(
              other -> {
                throw PeriodRefusedException.conflict(
                    "The Idempotency-Key was used for another period: " + shown(other));
              });
    }
    return store.find(period.id()).map(this::whole);
  }

  /** Empty where another one was faster. */
  private CompletionStage<Optional<Statement>> anew(
      Period period, String idempotencyKey, UsageQuestion question) {
    return call(() -> earlier(period))
        .thenCompose(
            earlier ->
                overSecond(earlier.stream().mapToLong(Sealed::recordedUntil).max().orElse(0))
                    .thenCompose(
                        second -> anew(period, idempotencyKey, question, earlier, second)));
  }

  private CompletionStage<Optional<Statement>> anew(
      Period period,
      String idempotencyKey,
      UsageQuestion question,
      List<Sealed> earlier,
      long second) {
    requireOver(period, second);
    Sealed previous = earlier.isEmpty() ? null : earlier.get(earlier.size() - 1);
    List<Sealed> corrected = correctable(earlier, second);
    Sealing sealing =
        new Sealing(period, second, corrected, question, queries, store, cutoffs, blocking);
    return sealing
        .measure()
        .thenCompose(done -> audit.checkpoint())
        .thenCompose(
            taken -> call(() -> add(sealing, idempotencyKey, previous, checkpoint(taken))));
  }

  private static Checkpoint checkpoint(AuditService.Taken taken) {
    if (taken.row() == null) {
      throw PeriodRefusedException.mistake("Nothing was recorded yet.");
    }
    try {
      return Checkpoint.parse(taken.row().note()).checkpoint();
    } catch (NoteException e) {
      throw new IllegalStateException("what was stored as a checkpoint is none", e);
    }
  }

  /** Those of its selection, none of which it may overlap. */
  private List<Sealed> earlier(Period period) {
    List<Sealed> earlier = store.ofSelection(period.selection());
    earlier.stream()
        .filter(period::overlaps)
        .findFirst()
        .ifPresent(
            other -> {
              throw PeriodRefusedException.conflict("It overlaps with " + shown(other));
            });
    return earlier;
  }

  private List<Sealed> correctable(List<Sealed> earlier, long second) {
    long since = TimeUnit.SECONDS.toMicros(second - corrected.toSeconds());
    return earlier.stream().filter(one -> one.end() > since).toList();
  }

  private static void requireOver(Period period, long second) {
    long now = TimeUnit.SECONDS.toMicros(second + 1);
    if (period.end() > now) {
      throw PeriodRefusedException.mistake(
          "The period is not over yet: it ends at "
              + Timestamps.format(period.end())
              + ", and it is "
              + Timestamps.format(now)
              + " now.");
    }
  }

  private Optional<Statement> add(
      Sealing sealing, String idempotencyKey, Sealed previous, Checkpoint checkpoint) {
    Period period = sealing.period();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    byte[] json = sealing.statement(now, previous, checkpoint);
    byte[] digest = Period.sha256(json);
    String text = Statement.noteText(checkpoint, period.id(), digest);
    Note note = key == null ? new Note(text, List.of()) : key.sign(text);
    boolean isAdded =
        store.add(
            new Sealed(
                0,
                period.id(),
                idempotencyKey,
                period.selection(),
                period.start(),
                period.end(),
                period.projectId(),
                period.meters(),
                period.groupBy(),
                period.gap(),
                sealing.second(),
                now,
                digest,
                note.toString()),
            json,
            sealing.figures(),
            previous == null ? 0 : previous.sequence());
    return isAdded ? store.find(period.id()).map(this::whole) : Optional.empty();
  }

  private Statement whole(Sealed period) {
    return new Statement(period, store.statement(period.sequence()));
  }

  /**
   * The last second in which anything may have been recorded until now, as soon as it is over for
   * all collectors; not before another one.
   */
  private CompletionStage<Long> overSecond(long least) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    return clocks
        .get()
        .thenCompose(
            now -> {
              long second = Math.max(least, now.getMax());
              return over(second, deadline).thenApply(over -> second);
            });
  }

  private CompletionStage<Void> over(long second, long deadline) {
    return clocks
        .get()
        .thenCompose(
            now -> {
              if (now.getMin() > second) {
                return CompletableFuture.completedStage(null);
              }
              if (System.nanoTime() - deadline > 0) {
                return CompletableFuture.failedStage(
                    new UnavailableException(
                        "The clock of a node is "
                            + (second - now.getMin())
                            + " seconds behind another one's, or what it was."));
              }
              Executor later =
                  CompletableFuture.delayedExecutor(STEP.toMillis(), TimeUnit.MILLISECONDS);
              return CompletableFuture.runAsync(() -> {}, later)
                  .thenCompose(done -> over(second, deadline));
            });
  }

  private <T> CompletionStage<T> call(Supplier<T> work) {
    return DatabaseCalls.on(blocking, work);
  }

  private static String shown(Sealed other) {
    return other.id()
        + ", from "
        + Timestamps.format(other.start())
        + " to "
        + Timestamps.format(other.end())
        + ".";
  }
}
