package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.EventHead;
import io.sonde.collector.JournalEvents;
import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.store.CheckpointStore;
import io.sonde.store.CheckpointStore.Log;
import io.sonde.store.CheckpointStore.SeriesPlace;
import io.sonde.store.CollectorStore;
import io.sonde.store.Database;
import io.sonde.store.JournalStore;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.QueryStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Finds the event of a sample and proves it. Everything that a proof has comes out of the journal
 * and the log; chunks and tables only say where to look. Blocks.
 */
public final class SampleProofs {
  /** Heads that are read at once. */
  private static final int HEADS = 4096;

  /** By how much clocks of nodes may differ, and jump; events may be out of order by that. */
  private static final long CLOCKS = 120;

  /** How far in the future the timestamp of a sample may be when it is recorded. */
  private static final long FUTURE = TimeUnit.MINUTES.toSeconds(10);

  private final CheckpointStore store;
  private final JournalStore journals;
  private final CollectorStore chunks;
  private final QueryStore queries;
  private final int collectors;

  /**
   * Of a database.
   *
   * @param collectors how many there are
   */
  public SampleProofs(Database database, int collectors) {
    this.store = new CheckpointStore(database);
    this.journals = new JournalStore(database);
    this.chunks = new CollectorStore(database);
    this.queries = new QueryStore(database);
    this.collectors = collectors;
  }

  /** Where a sample is: its event's bytes and those of the event that names its series. */
  private record Found(int collector, StoredEvent event, int position, StoredEvent naming) {}

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
    String metadata = metadata(found.get());
    SampleProof proof = store.read(log -> prove(log, id, found.get(), metadata, checkpoint));
    if (proof == null) {
      throw new NoCheckpointException(
          "no checkpoint of at most %d events holds event %d of collector %d"
              .formatted(
                  checkpoint.checkpoint().size(),
                  found.get().event().sequence(),
                  found.get().collector()));
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
    SampleProof.Proved event = proved(log, tree, found.collector(), found.event(), checkpoint);
    SampleProof.Proved naming = proved(log, tree, found.collector(), found.naming(), checkpoint);
    return event == null || naming == null
        ? null
        : new SampleProof(id, found.position(), event, naming, metadata, noted.note());
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
    for (SeriesPlace series : store.series(place.identity())) {
      Optional<Found> found = find(place, series.collector(), series.number());
      if (found.isPresent()) {
        return found;
      }
    }
    // A series that no flush has told of is named by what came since the last one.
    for (int collector = 0; collector < collectors; collector++) {
      Optional<Found> found = findNew(place, collector);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Found> findNew(SampleId.Place place, int collector) {
    long after = store.flushed(collector);
    StoredEvent naming =
        first(collector, after, Long.MAX_VALUE, event -> numberIn(event, place.identity()) >= 0);
    return naming == null
        ? Optional.empty()
        : find(place, collector, numberIn(naming, place.identity()), naming);
  }

  /**
   * The number that an event gives to the series with an identity; -1 where it does not name it.
   */
  private static int numberIn(StoredEvent event, long identity) {
    return JournalEvents.of(event.payload()).newSeries().entrySet().stream()
        .filter(named -> SampleId.identity(named.getValue()) == identity)
        .mapToInt(Map.Entry::getKey)
        .findFirst()
        .orElse(-1);
  }

  private Optional<Found> find(SampleId.Place place, int collector, int number) {
    String journal = Collector.persistenceId(collector);
    long after = 0;
    List<StoredEvent> heads;
    do {
      heads = journals.headsAfter(journal, after, EventHead.BYTES, HEADS);
      for (StoredEvent head : heads) {
        if (EventHead.of(head.payload()).names(number)) {
          StoredEvent naming = journals.eventsAfter(journal, head.sequence() - 1).get(0);
          return find(place, collector, number, naming);
        }
        after = head.sequence();
      }
    } while (!heads.isEmpty());
    return Optional.empty();
  }

  private Optional<Found> find(
      SampleId.Place place, int collector, int number, StoredEvent naming) {
    Predicate<StoredEvent> hasIt = event -> position(event, place, number) >= 0;
    long start = naming.sequence() - 1;
    long likely = firstRecordedFrom(collector, start, earliest(place, collector, number));
    StoredEvent event = first(collector, likely, Long.MAX_VALUE, hasIt);
    if (event == null) {
      event = first(collector, start, likely, hasIt);
    }
    return event == null
        ? Optional.empty()
        : Optional.of(new Found(collector, event, position(event, place, number), naming));
  }

  private static int position(StoredEvent event, SampleId.Place place, int number) {
    return JournalEvents.of(event.payload()).find(number, place.timestamp(), place.key());
  }

  /** The second from which on a sample can have been recorded, if clocks were right. */
  private long earliest(SampleId.Place place, int collector, int number) {
    List<byte[]> covering =
        chunks
            .covering(collector, new Integer[] {number}, new Long[] {place.timestamp()})
            .getOrDefault(number, List.of());
    for (byte[] payload : covering) {
      Columns samples = ChunkCodec.decode(payload);
      int i = samples.find(place.timestamp(), place.key());
      if (i >= 0) {
        return samples.recorded(i) - CLOCKS;
      }
    }
    return TimeUnit.MICROSECONDS.toSeconds(place.timestamp()) - FUTURE - CLOCKS;
  }

  /** A sequence number such that, by their seconds, the events after it are those from one on. */
  private long firstRecordedFrom(int collector, long start, long second) {
    String journal = Collector.persistenceId(collector);
    long low = start;
    long high = Math.max(start, journals.end(journal));
    while (low < high) {
      long middle = low + (high - low) / 2;
      List<StoredEvent> next = journals.headsAfter(journal, middle, EventHead.BYTES, 1);
      if (next.isEmpty() || EventHead.of(next.get(0).payload()).recordedAt() >= second) {
        high = middle;
      } else {
        low = next.get(0).sequence();
      }
    }
    return low;
  }

  /** The first event after one, up to another, that is as wanted; null where none is. */
  private StoredEvent first(int collector, long after, long last, Predicate<StoredEvent> isWanted) {
    String journal = Collector.persistenceId(collector);
    long at = after;
    List<StoredEvent> events;
    do {
      events = journals.eventsAfter(journal, at);
      for (StoredEvent event : events) {
        if (event.sequence() > last) {
          return null;
        }
        if (isWanted.test(event)) {
          return event;
        }
        at = event.sequence();
      }
    } while (!events.isEmpty());
    return null;
  }

  /** The text of a sample's metadata: out of a table, or out of the journal where it is too new. */
  private String metadata(Found found) {
    UUID id = JournalEvents.of(found.event().payload()).sample(found.position()).metadata();
    Metadata stored = queries.metadata(Set.of(id)).get(id);
    if (stored == null) {
      StoredEvent named =
          first(
              found.collector(),
              store.flushed(found.collector()),
              found.event().sequence(),
              event -> text(event, id) != null);
      stored = named == null ? text(found.event(), id) : text(named, id);
    }
    return stored == null ? null : stored.json();
  }

  private static Metadata text(StoredEvent event, UUID id) {
    return JournalEvents.of(event.payload()).newMetadata().stream()
        .filter(metadata -> metadata.id().equals(id))
        .findFirst()
        .orElse(null);
  }
}
