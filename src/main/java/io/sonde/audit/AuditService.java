package io.sonde.audit;

import io.sonde.store.ArchiveStore;
import io.sonde.store.ArchiveStore.Extent;
import io.sonde.store.CheckpointStore;
import io.sonde.store.CheckpointStore.Row;
import io.sonde.store.Database;
import io.sonde.store.DatabaseCalls;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Checkpoints and proofs for those who must not wait. The stages fail with {@link
 * io.sonde.model.UnavailableException} when the database is away, and with {@link
 * BrokenLogException} when the log is not what it was.
 */
public final class AuditService {
  private final Checkpoints checkpoints;
  private final CheckpointAgent agent;
  private final SampleProofs proofs;
  private final ArchiveStore archives;
  private final Executor blocking;

  /**
   * Of a database.
   *
   * @param collectors how many there are
   * @param blocking runs what waits
   */
  public AuditService(
      Database database, int collectors, AuditSettings settings, Executor blocking) {
    CheckpointStore store = new CheckpointStore(database);
    this.checkpoints = new Checkpoints(store, collectors, settings);
    this.agent = new CheckpointAgent(checkpoints, store, settings);
    this.proofs = new SampleProofs(database);
    this.archives = new ArchiveStore(database);
    this.blocking = blocking;
  }

  /** What is to be done at each interval; blocks. */
  public void tick() {
    agent.tick();
  }

  /**
   * A checkpoint of all that has been recorded.
   *
   * @param row the newest one; null where nothing was recorded yet
   * @param isNew whether it was made for this
   */
  public record Taken(Row row, boolean isNew) {}

  /** Makes a checkpoint, if anything came since the last one. */
  public CompletionStage<Taken> checkpoint() {
    return DatabaseCalls.on(
        blocking,
        () -> {
          Checkpoints.Made made = agent.now(blocking);
          if (!made.truncated().isEmpty()) {
            throw new BrokenLogException(String.join("; ", made.truncated()));
          }
          return new Taken(checkpoints.latest().orElse(null), !made.made().isEmpty());
        });
  }

  /** The newest checkpoints below a size, the newest first. */
  public CompletionStage<List<Row>> newest(long below, int limit) {
    return DatabaseCalls.on(blocking, () -> checkpoints.newest(below, limit));
  }

  /** How much of each journal is archived. */
  public CompletionStage<List<Extent>> archived() {
    return DatabaseCalls.on(blocking, archives::extents);
  }

  /** Shows that the log of one size begins with that of another; empty where it is not as long. */
  public CompletionStage<Optional<ConsistencyProof>> consistency(long from, long to) {
    return DatabaseCalls.on(blocking, () -> checkpoints.consistency(from, to));
  }

  /**
   * Proves a sample by the newest checkpoint; empty where there is none with this id. Fails with
   * {@link NoCheckpointException} when no checkpoint holds it yet.
   */
  public CompletionStage<Optional<SampleProof>> prove(String id) {
    return DatabaseCalls.on(
        blocking,
        () -> {
          try {
            return proofs.prove(id, null);
          } catch (NoCheckpointException e) {
            throw new CompletionException(e);
          }
        });
  }
}
