package io.sonde.audit;

import io.sonde.audit.Checkpoints.Made;
import io.sonde.store.CheckpointStore;
import io.sonde.store.CheckpointStore.Row;
import io.sonde.store.DatabaseException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes checkpoints and gives them to the outlets, to each in order, with all that it missed while
 * it was away. Methods block.
 */
public final class CheckpointAgent {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointAgent.class);

  /** Checkpoints that an outlet is given in a row; further ones have to wait for the next time. */
  private static final int AT_ONCE = 1000;

  private final Checkpoints checkpoints;
  private final CheckpointStore store;
  private final List<Outlet> outlets;
  private final ReentrantLock delivering = new ReentrantLock();

  /** What was told already: once is enough. */
  private final Set<String> told = new HashSet<>();

  /** What outlets have for all that is known, to say how many they lack when they are away. */
  private final Map<String, Long> positions = new HashMap<>();

  public CheckpointAgent(Checkpoints checkpoints, CheckpointStore store, AuditSettings settings) {
    this.checkpoints = checkpoints;
    this.store = store;
    this.outlets = settings.outlets();
  }

  /** What an interval brings: a checkpoint, if anything came, and the outlets get theirs. */
  public void tick() {
    try {
      report(checkpoints.tryMake());
    } catch (DatabaseException e) {
      LOG.warn("no checkpoint now: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("no checkpoint can be made: {}", e.getMessage(), e);
    }
    deliver();
  }

  /**
   * A checkpoint of all that has come.
   *
   * @param delivery gives the outlets theirs
   */
  public Made now(Executor delivery) {
    Made made = checkpoints.make();
    report(made);
    delivery.execute(this::deliver);
    return made;
  }

  private void report(Made made) {
    AuditMetrics.CHECKPOINTS.inc(made.made().size());
    made.truncated().forEach(this::contradiction);
  }

  private synchronized boolean isNews(String what) {
    return told.add(what);
  }

  private synchronized boolean forget(String what) {
    return told.remove(what);
  }

  private void contradiction(String what) {
    if (isNews(what)) {
      AuditMetrics.CONTRADICTIONS.inc();
      LOG.error("{}; sonde audit consistency tells more", what);
    }
  }

  private void deliver() {
    // Who does it already gets to what came meanwhile, now or at the next interval.
    if (!delivering.tryLock()) {
      return;
    }
    try {
      outlets.forEach(this::deliver);
    } catch (DatabaseException e) {
      LOG.warn("outlets get nothing now: {}", e.getMessage());
    } finally {
      delivering.unlock();
    }
  }

  private void deliver(Outlet outlet) {
    String failing = "outlet " + outlet.name();
    try {
      send(outlet);
      if (forget(failing)) {
        LOG.info("the outlet {} takes checkpoints again", outlet.name());
      }
    } catch (IOException | NoteException e) {
      AuditMetrics.OUTLET_FAILURES.labelValues(outlet.name()).inc();
      if (isNews(failing)) {
        LOG.warn("the outlet {} takes no checkpoints: {}", outlet.name(), e.toString());
      }
    } finally {
      long position = positions.getOrDefault(outlet.name(), 0L);
      AuditMetrics.OUTLET_BEHIND
          .labelValues(outlet.name())
          .set((double) store.countAfter(position));
    }
  }

  private void send(Outlet outlet) throws IOException, NoteException {
    Optional<Row> newest = checkpoints.latest();
    if (newest.isEmpty()) {
      return;
    }
    // Until it says something else it has all before the first that this node could give it.
    positions.putIfAbsent(outlet.name(), newest.get().size() - 1);
    OptionalLong position = position(outlet);
    // The newest one commits to all before it: a new outlet needs no others.
    List<Row> due =
        position.isPresent() ? store.after(position.getAsLong(), AT_ONCE) : List.of(newest.get());
    position.ifPresent(size -> positions.put(outlet.name(), size));
    for (Row row : due) {
      outlet.take(Checkpoint.parse(row.note()));
      if (!outlet.isReadable()) {
        store.advance(outlet.name(), row.size());
      }
      positions.put(outlet.name(), row.size());
    }
  }

  private OptionalLong position(Outlet outlet) throws IOException {
    if (!outlet.isReadable()) {
      return store.position(outlet.name());
    }
    Optional<Checkpoint> last = outlet.last(checkpoints.origin());
    if (last.isEmpty()) {
      return OptionalLong.empty();
    }
    Optional<Row> same = store.at(last.get().size());
    if (same.isPresent() && Arrays.equals(same.get().root(), last.get().root())) {
      return OptionalLong.of(last.get().size());
    }
    contradiction(
        "the outlet %s has a checkpoint of %d events that is not this database's: it was set back"
                .formatted(outlet.name(), last.get().size())
            + " or rewritten");
    return OptionalLong.empty();
  }
}
