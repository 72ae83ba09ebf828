package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.EventHead;
import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.store.CheckpointStore;
import io.sonde.store.CheckpointStore.Log;
import io.sonde.store.Database;
import io.sonde.store.JournalStore;
import io.sonde.store.JournalStore.StoredEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds the event of a sample and proves it. Everything that a proof has comes out of the journal
 * and the log; chunks and tables only say where to look. Blocks.
 */
public final class SampleProofs {
  /** Heads that are read at once. */
  private static final int HEADS = 4096;

  private final CheckpointStore store;
  private final JournalStore journals;
  private final Origins origins;

  public SampleProofs(Database database) {
    this.store = new CheckpointStore(database);
    this.journals = new JournalStore(database);
    this.origins = new Origins(database);
  }

  /** Where a sample is, the bytes of its event and those of the event that names its series. */
  private record Found(Origin origin, StoredEvent event, StoredEvent naming) {}

  /**
   * Proves a sample.
   *
   * @param id as the API shows it
   * @param at the checkpoint that the proof is to lead to; null for the newest one
   * @return empty where the journal has no such sample
   * @throws NoCheckpointException when the checkpoint, or any, does not hold it yet
   * @throws BrokenLogException when the log is not what the checkpoint says
   */
  public Optional<SampleProof> prove(String id, Checkpoint.Noted at) throws NoCheckpointException {
    SampleId.Place place = SampleId.parse(id);
    Optional<Found> found = place == null ? Optional.empty() : find(place);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Checkpoint.Noted checkpoint = at == null ? newest() : at;
    String metadata = origins.text(found.get().origin()).map(Metadata::json).orElse(null);
    SampleProof proof = store.read(log -> prove(log, id, found.get(), metadata, checkpoint));
    if (proof == null) {
      throw new NoCheckpointException(
          "no checkpoint of at most %d events holds event %d of collector %d"
              .formatted(
                  checkpoint.checkpoint().size(),
                  found.get().event().sequence(),
                  found.get().origin().collector()));
    }
    return Optional.of(proof);
  }

  private Checkpoint.Noted newest() throws NoCheckpointException {
    List<CheckpointStore.Row> newest = store.newest(Long.MAX_VALUE, 1);
    if (newest.isEmpty()) {
      throw new NoCheckpointException("there is no checkpoint yet");
    }
    try {
      return Checkpoint.parse(newest.get(0).note());
    } catch (NoteException e) {
      throw new BrokenLogException("the newest checkpoint: " + e.getMessage());
    }
  }

  private static SampleProof prove(
      Log log, String id, Found found, String metadata, Checkpoint.Noted noted) {
    Checkpoint checkpoint = noted.checkpoint();
    MerkleTree tree = LogReader.tree(log);
    if (checkpoint.size() > log.size()
        || !Arrays.equals(tree.root(checkpoint.size()), checkpoint.root())) {
      throw new BrokenLogException(
          "the log is not what its checkpoint of size " + checkpoint.size() + " says");
    }
    int collector = found.origin().collector();
    SampleProof.Proved event = proved(log, tree, collector, found.event(), checkpoint);
    SampleProof.Proved naming = proved(log, tree, collector, found.naming(), checkpoint);
    return event == null || naming == null
        ? null
        : new SampleProof(id, found.origin().position(), event, naming, metadata, noted.note());
  }

  /** Null where the checkpoint does not hold it. */
  private static SampleProof.Proved proved(
      Log log, MerkleTree tree, int collector, StoredEvent event, Checkpoint checkpoint) {
    OptionalLong leaf = log.leaf(collector, event.sequence());
    return leaf.isEmpty() || leaf.getAsLong() >= checkpoint.size()
        ? null
        : new SampleProof.Proved(
            leaf.getAsLong(),
            event.payload(),
            tree.inclusionProof(leaf.getAsLong(), checkpoint.size()));
  }

  private Optional<Found> find(SampleId.Place place) {
    Optional<Origin> found = origins.find(place);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Origin origin = found.get();
    StoredEvent naming = naming(origin.collector(), origin.sample().series());
    return naming == null
        ? Optional.empty()
        : Optional.of(new Found(origin, event(origin.collector(), origin.sequence()), naming));
  }

  private StoredEvent event(int collector, long sequence) {
    return journals
        .find(Collector.persistenceId(collector), sequence - 1, event -> true)
        .orElseThrow();
  }

  /** The event that names a series; null where there is none. */
  private StoredEvent naming(int collector, int number) {
    String journal = Collector.persistenceId(collector);
    long after = 0;
    List<StoredEvent> heads;
    do {
      heads = journals.headsAfter(journal, after, EventHead.BYTES, HEADS);
      for (StoredEvent head : heads) {
        if (EventHead.of(head.payload()).names(number)) {
          return event(collector, head.sequence());
        }
        after = head.sequence();
      }
    } while (!heads.isEmpty());
    return null;
  }
}
