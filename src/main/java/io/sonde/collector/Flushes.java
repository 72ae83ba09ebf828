package io.sonde.collector;

import io.sonde.series.Generation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/**
 * The flushes of one collector: the one that is under way, and the generations that are kept for
 * readers.
 */
final class Flushes {
  /**
   * What every flush writes again, the snapshot, is to be small beside what the journal holds: a
   * flush by the clock waits until the journal has grown by this part of it.
   */
  private static final int SNAPSHOT_PARTS = 8;

  /** Memory holds what came since the last flush, and what is being written: this bounds both. */
  private static final int DUE_TIMES = 4;

  /**
   * A flush that is under way.
   *
   * @param token names it in the database
   * @param chainHash of the last event that it covers
   * @param sequence of that event
   */
  record Flushing(Generation generation, UUID token, byte[] chainHash, long sequence) {}

  private final CollectorSettings settings;
  private final List<Generation> kept = new ArrayList<>();
  private Flushing underWay;
  private long forgotten;
  private long bytes;
  private long events;
  private long snapshotBytes;
  private Instant last = Instant.now();
  private long endedAt;
  private String outcome;

  Flushes(CollectorSettings settings) {
    this.settings = settings;
  }

  /** Generations whose rows a reader or a look may not see yet, oldest first. */
  List<Generation> kept() {
    return Collections.unmodifiableList(kept);
  }

  /** How often generations were forgotten: what memory knew before is not certain after. */
  long forgotten() {
    return forgotten;
  }

  /** The flush that is under way, or null. */
  Flushing underWay() {
    return underWay;
  }

  /**
   * Whether this is the flush that is under way; word of one from before a restart comes too late.
   */
  boolean isUnderWay(Flushing flush) {
    return underWay != null && underWay.token().equals(flush.token());
  }

  /** An event was added to the journal, or replayed from it. */
  void onEvent(int eventBytes) {
    bytes += eventBytes;
    events++;
  }

  /** How many events the journal has since the last flush began. */
  long events() {
    return events;
  }

  /** How many bytes these are. */
  long bytes() {
    return bytes;
  }

  /** The journal is about to be replayed. */
  void replay() {
    bytes = 0;
    events = 0;
  }

  /** A flush has ended so. */
  void ended(String how) {
    outcome = how;
    endedAt = System.currentTimeMillis();
  }

  /** When the last one ended, milliseconds since 1970; 0 is never. */
  long ended() {
    return endedAt;
  }

  /** How it ended; null when there was none. */
  String outcome() {
    return outcome;
  }

  /** Whether there is reason to begin a flush. */
  boolean isDue() {
    return underWay == null
        && events > 0
        && (bytes >= Math.max(settings.flushBytes(), snapshotBytes)
            || (bytes >= snapshotBytes / SNAPSHOT_PARTS
                && Instant.now().isAfter(last.plus(settings.flushInterval()))));
  }

  /** Whether so much came while a flush is under way that no more must come before it ends. */
  boolean isBehind() {
    return underWay != null && bytes > DUE_TIMES * Math.max(settings.flushBytes(), snapshotBytes);
  }

  /** Cuts a flush out of the ledger. */
  Flushing begin(Ledger ledger) {
    ledger.nextGeneration();
    long idleSince = Instant.now().minus(settings.idleAfter()).getEpochSecond();
    Generation generation = ledger.head().freeze(ledger.generation(), idleSince);
    bytes = 0;
    events = 0;
    last = Instant.now();
    kept.add(generation.forReaders());
    underWay = new Flushing(generation, UUID.randomUUID(), ledger.chainHash(), ledger.sequence());
    return underWay;
  }

  /**
   * The flush that was under way is written.
   *
   * @param ofSnapshot bytes of its snapshot
   */
  void written(long ofSnapshot) {
    underWay = null;
    snapshotBytes = ofSnapshot;
    while (kept.size() > 1
        && kept.stream().mapToLong(Generation::bytes).sum() > settings.keepFlushedBytes()) {
      forget(kept.get(0).number());
    }
  }

  /** Nobody can have a view of the database that is older than this generation. */
  void forget(long generation) {
    kept.removeIf(one -> one.number() <= generation);
    forgotten++;
  }

  /**
   * After a failed write the ledger is built anew. A flush that was under way settles itself: had
   * it been written, its snapshot was just read; if it lands later, the next flush or reader finds
   * a newer generation, and the collector starts again.
   */
  void reset() {
    underWay = null;
    kept.clear();
    forgotten++;
  }
}
