package io.sonde.collector;

import io.sonde.series.Generation;
import io.sonde.series.Head;
import io.sonde.series.SeriesDay;
import io.sonde.store.CollectorStore;
import io.sonde.store.Database;
import io.sonde.store.Flush;
import io.sonde.store.GrowthStore;
import io.sonde.store.JournalStore;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.ReplayStore;
import io.sonde.store.StartupException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Makes the rows of one collector anew from the events of its journal, in another database, as the
 * collector itself would: with snapshots, so that it goes on where it was broken off, and with the
 * events, so that a server can be started on it. For one thread. Blocks.
 */
public final class Rebuild {
  /** Blocks, however lately they got a sample, are to leave the head. */
  private static final long ALL_ARE_IDLE = Long.MAX_VALUE;

  /**
   * A flush waits for so many times what the collector waits for, as it writes the open blocks of
   * all series into a snapshot, and nobody reads the rows before the end.
   */
  private static final int RARER = 2;

  /** Events of so many bytes are written by themselves; more would only fill the memory. */
  private static final int EVENT_BYTES_AT_ONCE = 4 << 20;

  /** Days that one transaction merges. */
  private static final int DAYS_AT_ONCE = 1_024;

  private final int collector;
  private final CollectorSettings settings;
  private final CollectorStore store;
  private final ReplayStore replays;
  private final Ledger ledger;
  private final List<GrowthStore.Entry> events = new ArrayList<>();
  // Behind its snapshot are events that an earlier rebuilding left for a server to apply.
  private final long copied;
  private long eventBytes;
  private long flushed;
  private long bytes;
  private long snapshotBytes;

  /**
   * Begins, or goes on behind the last flush.
   *
   * @param target where rows go; it has the collector's own row
   */
  public Rebuild(Database target, int collector, CollectorSettings settings) {
    this.collector = collector;
    this.settings = settings;
    this.store = new CollectorStore(target);
    this.replays = new ReplayStore(target);
    String id = Collector.persistenceId(collector);
    copied = new JournalStore(target).end(id);
    byte[] snapshot = store.snapshot(id);
    ledger = Ledger.ofRows(collector, snapshot, store, settings);
    flushed = ledger.sequence();
    snapshotBytes = snapshot == null ? 0 : snapshot.length;
  }

  /** Sequence number of the last event that was applied; 0 before the first. */
  public long sequence() {
    return ledger.sequence();
  }

  /** The hash of that event. */
  public byte[] hash() {
    return ledger.chainHash();
  }

  /**
   * Takes the next event.
   *
   * @param stored its bytes
   * @param said what they say
   * @param hash of the bytes
   * @throws io.sonde.series.CorruptDataException when it does not follow the one before it
   */
  public void apply(StoredEvent stored, JournalEvents said, byte[] hash) {
    ledger.apply(said.block(), hash);
    copy(stored);
    bytes += stored.payload().length;
    if (bytes >= RARER * Math.max(settings.flushBytes(), snapshotBytes)) {
      // As the server would have it at that time.
      flush(said.recordedAt() - settings.idleAfter().toSeconds());
      merge();
    }
  }

  /**
   * Copies an event, also one behind the last that is applied: a server applies it when it starts.
   */
  public void copy(StoredEvent event) {
    if (event.sequence() <= copied) {
      return;
    }
    events.add(
        new GrowthStore.Entry(
            Collector.persistenceId(collector),
            event.sequence(),
            CollectorSerializer.IDENTIFIER,
            CollectorSerializer.EVENT,
            event.payload()));
    eventBytes += event.payload().length;
    if (eventBytes >= EVENT_BYTES_AT_ONCE) {
      writeEvents();
    }
  }

  /** Writes the copied events that are in memory still. */
  public void writeEvents() {
    replays.append(events);
    events.clear();
    eventBytes = 0;
  }

  /**
   * Writes all that was applied into rows. Those of the last flush are merged by the next replay,
   * or by a server.
   */
  public void finish() {
    if (!isFinished()) {
      merge();
    }
    while (!isFinished()) {
      flush(ALL_ARE_IDLE);
    }
  }

  private boolean isFinished() {
    Head head = ledger.head();
    return ledger.sequence() == flushed
        && head.samples() == 0
        && head.born().isEmpty()
        && head.newMetadata().isEmpty();
  }

  /**
   * Tells it up to when rows of series reach that other collectors had before; without that, copies
   * of those samples would count again.
   */
  public void takeOver(Map<Integer, Long> formerlyFlushedTo) {
    boolean isNews = false;
    for (Map.Entry<Integer, Long> series : formerlyFlushedTo.entrySet()) {
      isNews |= ledger.head().continues(series.getKey(), series.getValue());
    }
    if (isNews) {
      flush(ALL_ARE_IDLE);
    }
  }

  private void flush(long idleSince) {
    ledger.nextGeneration();
    Generation generation = ledger.head().freeze(ledger.generation(), idleSince);
    Flush flush =
        FlushWriter.flush(
            collector, generation, UUID.randomUUID(), ledger.chainHash(), ledger.sequence());
    if (replays.write(flush, events) != CollectorStore.FlushOutcome.WRITTEN) {
      throw new StartupException("somebody else writes to the database to rebuild into");
    }
    events.clear();
    eventBytes = 0;
    flushed = ledger.sequence();
    bytes = 0;
    snapshotBytes = flush.snapshot().payload().length;
  }

  /** Else each flush would add a row to the days of all series. */
  private void merge() {
    Head head = ledger.head();
    while (!head.worn().isEmpty()) {
      Map<SeriesDay, Long> days = new HashMap<>();
      head.worn().entrySet().stream()
          .limit(DAYS_AT_ONCE)
          .forEach(day -> days.put(day.getKey(), day.getValue()));
      store.merge(collector, List.copyOf(days.keySet()));
      head.mend(days);
    }
  }
}
