package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.store.CheckpointStore;
import io.sonde.store.CheckpointStore.EventHash;
import io.sonde.store.CheckpointStore.Leaves;
import io.sonde.store.CheckpointStore.Log;
import io.sonde.store.CheckpointStore.Row;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The log of all events of all collectors, and checkpoints of it. An event becomes a leaf of a
 * Merkle tree when a checkpoint finds it; so a checkpoint commits to every event up to then. Any
 * node may make one, and one at a time does. Blocks; fails with {@link
 * io.sonde.store.DatabaseException}.
 */
public final class Checkpoints {
  /** Events that one transaction takes in; each has 256 kB at most. */
  static final int MAX_EVENTS = 4096;

  /** Events of a row. */
  private static final int ROW = 256;

  private final CheckpointStore store;
  private final int collectors;
  private final SigningKey key;
  private final Supplier<String> origin;

  /**
   * Of a database.
   *
   * @param collectors how many there are
   * @param settings the key and the origin; a database has an origin by itself
   */
  public Checkpoints(CheckpointStore store, int collectors, AuditSettings settings) {
    this.store = store;
    this.collectors = collectors;
    this.key = settings.key();
    this.origin = () -> settings.originOf(store::databaseId);
  }

  /**
   * What an attempt came to.
   *
   * @param made the checkpoints that were made, in order; none where no event had come
   * @param truncated a line for each journal that ends before what the log has of it
   */
  public record Made(List<Row> made, List<String> truncated) {}

  /** The name of the log in its checkpoints. */
  public String origin() {
    return origin.get();
  }

  /** Takes all events in that have come, and makes checkpoints; waits for others who do so. */
  public Made make() {
    return make(writing -> Optional.of(store.write(writing)));
  }

  /** As {@link #make}, but leaves it to others who do so now. */
  public Made tryMake() {
    return make(store::tryWrite);
  }

  private interface Writing {
    Optional<Step> run(Function<Log, Step> work);
  }

  /**
   * A transaction's work.
   *
   * @param size the number of leaves after it, where it added some; else 0
   */
  private record Step(long size, boolean isMore, List<String> truncated) {}

  private Made make(Writing writing) {
    List<Row> made = new ArrayList<>();
    String name = origin();
    Optional<Step> step;
    do {
      step = writing.run(log -> extend(log, name));
      step.filter(done -> done.size() > 0)
          .flatMap(done -> store.at(done.size()))
          .ifPresent(made::add);
    } while (step.isPresent() && step.get().isMore());
    return new Made(made, step.map(Step::truncated).orElse(List.of()));
  }

  private Step extend(Log log, String name) {
    long before = log.size();
    CompactRange tree = new CompactRange(LogReader.tree(log), before);
    List<String> truncated = new ArrayList<>();
    int left = MAX_EVENTS;
    for (int collector = 0; collector < collectors && left > 0; collector++) {
      left -= extend(log, tree, collector, left, truncated);
    }
    if (tree.size() == before) {
      return new Step(0, false, truncated);
    }
    Checkpoint checkpoint = new Checkpoint(name, tree.size(), tree.root());
    Note note = key == null ? new Note(checkpoint.text(), List.of()) : key.sign(checkpoint.text());
    log.addCheckpoint(checkpoint.size(), checkpoint.root(), note.toString());
    return new Step(tree.size(), left == 0, truncated);
  }

  /** Takes in events of a journal, and returns how many. */
  private static int extend(
      Log log, CompactRange tree, int collector, int most, List<String> truncated) {
    String journal = Collector.persistenceId(collector);
    long end = log.end(collector);
    long journalEnd = log.journalEnd(journal);
    if (journalEnd < end) {
      truncated.add(
          "the journal of collector %d ends with event %d, but event %d was there already"
              .formatted(collector, journalEnd, end));
      return 0;
    }
    int taken = 0;
    while (taken < most && end < journalEnd) {
      List<EventHash> events = log.hashesAfter(journal, end, Math.min(ROW, most - taken));
      if (events.isEmpty()) {
        break;
      }
      for (List<EventHash> run : runs(events)) {
        add(log, tree, collector, run);
      }
      taken += events.size();
      end = events.get(events.size() - 1).sequence();
    }
    return taken;
  }

  /** Where events are missing, their followers begin a row of their own. */
  private static List<List<EventHash>> runs(List<EventHash> events) {
    List<List<EventHash>> runs = new ArrayList<>();
    int first = 0;
    for (int i = 1; i <= events.size(); i++) {
      if (i == events.size() || events.get(i).sequence() != events.get(i - 1).sequence() + 1) {
        runs.add(events.subList(first, i));
        first = i;
      }
    }
    return runs;
  }

  private static void add(Log log, CompactRange tree, int collector, List<EventHash> run) {
    long firstLeaf = tree.size();
    ByteArrayOutputStream hashes = new ByteArrayOutputStream(run.size() * 32);
    for (EventHash event : run) {
      hashes.writeBytes(event.hash());
      tree.append(new Leaf(collector, event.sequence(), event.hash()).hash(), log::addNode);
    }
    log.add(new Leaves(firstLeaf, collector, run.get(0).sequence(), hashes.toByteArray()));
  }

  /** The newest checkpoint. */
  public Optional<Row> latest() {
    return newest(Long.MAX_VALUE, 1).stream().findFirst();
  }

  /** The newest checkpoints below a size, the newest first. */
  public List<Row> newest(long below, int limit) {
    return store.newest(below, limit);
  }

  /**
   * Shows that the log of one size begins with that of another.
   *
   * @return the proof, in the order of RFC 6962; empty where the log has not so many leaves
   * @throws BrokenLogException when the log's own tables do not hold
   */
  public Optional<ConsistencyProof> consistency(long from, long to) {
    return store.read(
        log -> {
          if (from < 0 || from > to || to > log.size()) {
            return Optional.empty();
          }
          MerkleTree tree = LogReader.tree(log);
          return Optional.of(
              new ConsistencyProof(
                  from, to, tree.root(from), tree.root(to), tree.consistencyProof(from, to)));
        });
  }
}
