package io.sonde.collector;

import io.sonde.model.Series;
import io.sonde.series.CorruptDataException;
import io.sonde.series.Generation;
import io.sonde.series.Head;
import io.sonde.store.CollectorStore;
import io.sonde.store.Database;
import io.sonde.store.Flush;
import io.sonde.store.GrowthStore;
import io.sonde.store.JournalStore;
import io.sonde.store.SeriesRow;
import io.sonde.store.Slots;
import io.sonde.store.StartupException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Raises the number of collectors of a database that no node uses. First every collector is flushed
 * until rows hold all that it has; then one transaction gives slots to new collectors, each of
 * which knows from its first event on the series that it takes over and up to when rows hold them.
 * So it is broken off at any moment without harm, and done again. Blocks. See
 * docs/adr/0015-slots-move-rows-stay.md.
 */
public final class Growth {
  /** Series whose rows are written by one statement. */
  private static final int SERIES_AT_ONCE = 10_000;

  /** Blocks, however lately they got a sample, are to leave the head. */
  private static final long ALL_ARE_IDLE = Long.MAX_VALUE;

  private final CollectorStore store;
  private final JournalStore journal;
  private final GrowthStore growth;
  private final CollectorSettings settings;
  private final Consumer<String> progress;

  /**
   * A growth.
   *
   * @param progress is told what was done, a line each
   */
  public Growth(Database database, CollectorSettings settings, Consumer<String> progress) {
    this.store = new CollectorStore(database);
    this.journal = new JournalStore(database);
    this.growth = new GrowthStore(database);
    this.settings = settings;
    this.progress = progress;
  }

  /** A collector of which rows hold everything. */
  private record Flushed(int collector, long generation, long sequence, byte[] hash, long[] to) {}

  /**
   * Does it.
   *
   * @param before the slots as they are
   * @param collectors how many there shall be, more than there are
   * @throws StartupException when a node is found writing; slots are as before then
   */
  public void to(Slots before, int collectors) {
    Slots after = before.grown(collectors);
    List<Flushed> flushed = new ArrayList<>();
    for (int collector = 0; collector < before.collectors(); collector++) {
      flushed.add(flush(collector));
    }
    List<GrowthStore.Stand> stands =
        flushed.stream()
            .map(one -> new GrowthStore.Stand(one.collector(), one.generation(), one.sequence()))
            .toList();
    growth.change(before, stands, change -> move(change, before, after, flushed));
    progress.accept(
        "%d of %d slots have moved: there are %d collectors"
            .formatted(before.movedTo(after), Slots.COUNT, collectors));
  }

  /** Brings everything that a collector has journaled into rows. */
  private Flushed flush(int collector) {
    Ledger ledger = recover(collector);
    Head head = ledger.head();
    while (head.samples() > 0 || !head.born().isEmpty() || !head.newMetadata().isEmpty()) {
      long samples = head.samples();
      ledger.nextGeneration();
      Generation leaving = head.freeze(ledger.generation(), ALL_ARE_IDLE);
      Flush flush =
          FlushWriter.flush(
              collector, leaving, UUID.randomUUID(), ledger.chainHash(), ledger.sequence());
      if (store.flush(flush) != CollectorStore.FlushOutcome.WRITTEN) {
        throw new StartupException("a node writes to the database: stop all nodes, and try again");
      }
      progress.accept("collector %d: flushed %,d samples".formatted(collector, samples));
    }
    long[] flushedTo = head.entries().stream().mapToLong(Head.Entry::flushedTo).toArray();
    return new Flushed(
        collector, ledger.generation(), ledger.sequence(), ledger.chainHash(), flushedTo);
  }

  private Ledger recover(int collector) {
    try {
      return replay(collector);
    } catch (CorruptDataException e) {
      throw new StartupException(
          "collector %d is damaged (sonde audit verify shows where): %s"
              .formatted(collector, e.getMessage()),
          e);
    }
  }

  /** As Akka would: the snapshot, and the events behind it. */
  private Ledger replay(int collector) {
    String id = Collector.persistenceId(collector);
    Ledger ledger = Ledger.ofRows(collector, store.snapshot(id), store, settings);
    List<JournalStore.StoredEvent> events;
    do {
      events = journal.eventsAfter(id, ledger.sequence());
      for (JournalStore.StoredEvent event : events) {
        ledger.apply(EventBlock.decode(event.payload()), EventBlock.hash(event.payload()));
      }
    } while (!events.isEmpty());
    if (ledger.segmentFrom() > 0) {
      throw new StartupException(
          "collector %d has samples since event %d that came while it was broken: let a node run until it has flushed them"
              .formatted(collector, ledger.segmentFrom()));
    }
    return ledger;
  }

  private void move(GrowthStore.Change change, Slots before, Slots after, List<Flushed> flushed) {
    Newcomer[] newcomers = new Newcomer[after.collectors() - before.collectors()];
    Arrays.setAll(newcomers, i -> new Newcomer(change, before.collectors() + i));
    for (Flushed former : flushed) {
      for (SeriesRow row : change.series(former.collector())) {
        Series series = row.series();
        int next = after.collectorOf(series);
        // Also here are series that another collector has got earlier.
        if (before.collectorOf(series) == former.collector() && next != former.collector()) {
          newcomers[next - before.collectors()].take(row, former.to()[row.number()]);
        }
      }
      for (Newcomer newcomer : newcomers) {
        newcomer.write(former.collector());
      }
      // A node that slept through all this must not write on where it was.
      append(change, former.collector(), former.sequence() + 1, former.hash(), noSamples());
    }
    for (Newcomer newcomer : newcomers) {
      newcomer.end();
    }
    change.assign(after);
  }

  private static EventBlock.Builder noSamples() {
    return new EventBlock.Builder();
  }

  /** Returns the event's hash. */
  private static byte[] append(
      GrowthStore.Change change,
      int collector,
      long sequence,
      byte[] previousHash,
      EventBlock.Builder event) {
    byte[] bytes =
        event
            .build(
                collector, sequence, Instant.now().getEpochSecond(), previousHash, known -> false)
            .encode();
    change.append(
        new GrowthStore.Entry(
            Collector.persistenceId(collector),
            sequence,
            CollectorSerializer.IDENTIFIER,
            CollectorSerializer.EVENT,
            bytes));
    return EventBlock.hash(bytes);
  }

  /** A new collector: its journal begins with the series that it takes over. */
  private final class Newcomer {
    private final GrowthStore.Change change;
    private final int collector;
    private EventBlock.Builder event = noSamples();
    private long sequence;
    private byte[] hash = EventBlock.NO_PREDECESSOR;
    private long[] flushedTo = new long[1024];
    private int count;
    // Of one former owner, not written yet.
    private final List<SeriesRow> taken = new ArrayList<>();

    private Newcomer(GrowthStore.Change change, int collector) {
      this.change = change;
      this.collector = collector;
    }

    /** The numbers follow one another in the order in which series are taken. */
    private void take(SeriesRow former, long formerlyFlushedTo) {
      if (event.bytes() + EncodedBytes.atMost(former.series()) > Admission.EVENT_BYTES) {
        append();
      }
      event.define(count, former.series());
      if (count == flushedTo.length) {
        flushedTo = Arrays.copyOf(flushedTo, 2 * count);
      }
      flushedTo[count++] = formerlyFlushedTo;
      taken.add(former);
    }

    private void write(int from) {
      int first = count - taken.size();
      for (int i = 0; i < taken.size(); i += SERIES_AT_ONCE) {
        int end = Math.min(taken.size(), i + SERIES_AT_ONCE);
        List<Integer> former = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int k = i; k < end; k++) {
          former.add(taken.get(k).number());
          numbers.add(first + k);
        }
        change.move(from, former, collector, numbers);
      }
      if (!taken.isEmpty()) {
        progress.accept(
            "collector %d: %,d series go to collector %d".formatted(from, taken.size(), collector));
      }
      taken.clear();
    }

    private void append() {
      hash = Growth.append(change, collector, ++sequence, hash, event);
      event = noSamples();
    }

    private void end() {
      append();
      Generation none =
          new Generation(
              0,
              Map.of(),
              List.of(),
              Arrays.copyOf(flushedTo, count),
              new int[count],
              List.of(),
              List.of(),
              Map.of());
      change.enter(
          collector,
          sequence,
          new Flush.Snapshot(
              Collector.persistenceId(collector),
              CollectorSerializer.IDENTIFIER,
              CollectorSerializer.SNAPSHOT,
              SnapshotCodec.encode(collector, hash, sequence, none)));
    }
  }
}
