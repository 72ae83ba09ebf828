package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.CollectorSerializer;
import io.sonde.collector.JournalEvents;
import io.sonde.collector.StoredSnapshot;
import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCheck;
import io.sonde.series.CorruptDataException;
import io.sonde.store.ArchiveFile;
import io.sonde.store.ArchivedFile;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.LedgerView;
import io.sonde.store.LedgerView.JournalRow;
import io.sonde.store.LedgerView.SnapshotRow;
import io.sonde.store.MissingArchiveException;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Checks all that is stored of one collector, in one view of the database: the chain of its
 * journal; its row, its snapshot and its series against the journal; its chunk rows by themselves.
 * Goes on behind damage, so that each is reported. For one thread.
 */
public final class CollectorCheck {
  /** Ids of metadata that are looked up at once. */
  private static final int IDS_AT_ONCE = 5_000;

  private final LedgerView view;
  private final int collector;
  private final VerifierKey key;
  private final Report report;
  private final String journal;
  private final Chain.Head begin;
  private final Chain chain;
  private final Set<UUID> metadata = new HashSet<>();
  private final SeriesPrints named = new SeriesPrints();
  private final BitSet rows = new BitSet();
  private LedgerView.Flushed flushed;
  private byte[] hashAtFlush;
  private boolean isFlushedEventDamaged;
  private boolean isInSegment;

  /**
   * A check of everything.
   *
   * @param key of the entries that tell of archived events; null where signatures are not looked at
   * @param report is told what is found
   */
  public static void all(LedgerView view, int collector, VerifierKey key, Report report) {
    new CollectorCheck(view, collector, key, report, Chain.Head.NONE).run(Long.MIN_VALUE);
  }

  /**
   * A check of what came since: events from a sequence number on, and chunk rows that end at or
   * after the second in which the first of these was recorded. The event before them, and what a
   * series was named in it and earlier, is taken as given.
   */
  public static void since(
      LedgerView view, int collector, Since since, VerifierKey key, Report report) {
    String journal = Collector.persistenceId(collector);
    long first = since.first(view, journal);
    if (first <= 1) {
      all(view, collector, key, report);
      return;
    }
    byte[] before = eventBefore(view, journal, first);
    if (before == null) {
      // Nothing to begin at: the gap is found from the beginning.
      all(view, collector, key, report);
      return;
    }
    Chain.Head begin = new Chain.Head(first - 1, before);
    report.note(
        "collector %d: begins at event %d, and takes event %d, whose hash is %s, as given"
            .formatted(collector, first, first - 1, BrokenChainException.hex(begin.hash())));
    new CollectorCheck(view, collector, key, report, begin)
        .run(since.chunksFrom(view, journal, first));
  }

  /** The hash of the event before one; null where it cannot be read. */
  private static byte[] eventBefore(LedgerView view, String journal, long sequence) {
    for (ArchivedFile file : view.archived(journal)) {
      if (file.last() == sequence - 1) {
        return file.head();
      }
    }
    try {
      return view.payload(journal, sequence - 1).map(JournalEvents::hash).orElse(null);
    } catch (CorruptDataException | MissingArchiveException e) {
      return null;
    }
  }

  private CollectorCheck(
      LedgerView view, int collector, VerifierKey key, Report report, Chain.Head begin) {
    this.view = view;
    this.collector = collector;
    this.key = key;
    this.report = report;
    this.journal = Collector.persistenceId(collector);
    this.begin = begin;
    this.chain = new Chain(collector, begin);
  }

  private void run(long chunksSince) {
    flushed = view.flushed(collector).orElse(null);
    if (flushed == null) {
      report.damage(new Damage("collector " + collector, "a row of the collector", "none"));
      flushed = new LedgerView.Flushed(0, 0);
    }
    long end = view.end(journal);
    report.begin(collector, end);
    long archived = 0;
    for (ArchivedFile file : view.archived(journal)) {
      archived = file.last();
      if (archived > begin.sequence()) {
        archived(file);
      }
    }
    view.events(
        journal,
        1,
        archived,
        row -> damage("event " + row.sequence(), "no row, as it is archived", "one"));
    view.events(journal, Math.max(begin.sequence(), archived) + 1, Long.MAX_VALUE, this::event);
    if (end < flushed.sequence()) {
      damage(
          "event " + (end + 1),
          "a journal up to event " + flushed.sequence() + ", which is flushed",
          "its end at event " + end);
    }
    lookUpMetadata();
    int numbered = snapshot();
    series(numbered);
    view.chunks(collector, chunksSince, this::chunk);
  }

  private void damage(String where, String expected, String found) {
    report.damage(new Damage("collector " + collector + ", " + where, expected, found));
  }

  // The journal

  private void event(JournalRow row) {
    String form = form(row.serializerId(), row.manifest());
    String due = form(CollectorSerializer.IDENTIFIER, CollectorSerializer.EVENT);
    if (row.isDeleted()) {
      damage("event " + row.sequence(), "a row that is not deleted", "a deleted one");
    } else if (!form.equals(due)) {
      damage("event " + row.sequence(), due, form);
    }
    StoredEvent event = new StoredEvent(row.sequence(), row.payload());
    JournalEvents said = follow(event);
    if (said != null) {
      take(said);
      note(said);
    }
    if (row.sequence() == flushed.sequence()) {
      isFlushedEventDamaged = said == null;
      hashAtFlush = JournalEvents.hash(row.payload());
    }
    report.event(collector, row.sequence(), said == null ? 0 : said.size(), row.payload().length);
  }

  /** The events of a file, as if they were still rows. */
  private void archived(ArchivedFile file) {
    String where = "events %d to %d".formatted(file.first(), file.last());
    if (file.first() > chain.head().sequence() + 1) {
      damage("event " + (chain.head().sequence() + 1), "a file that has it", "none");
      chain.pass(file.first() - 1, null);
    }
    try {
      if (!PruneEntry.check(file, key) && key != null) {
        report.note(
            "collector %d, %s: what tells that they are archived is not signed by %s"
                .formatted(collector, where, key));
      }
    } catch (NoteException e) {
      damage(where, "the entry of " + file.path().getFileName(), e.getMessage());
    }
    try {
      archived(file, where);
    } catch (IOException e) {
      report.cannotTell("%s, cannot be read: %s".formatted(file.shown(), e));
      chain.pass(file.last(), file.head());
    }
  }

  private void archived(ArchivedFile row, String where) throws IOException {
    boolean isWhole = Arrays.equals(ArchiveFile.sha256(row.path()), row.sha256());
    ArchiveFile file;
    try {
      file = ArchiveFile.open(row.path());
    } catch (CorruptDataException e) {
      damage(where, "a file that can be read", e.getMessage());
      chain.pass(row.last(), row.head());
      return;
    }
    ArchiveFile.Header header = file.header();
    boolean isSame =
        header.persistenceId().equals(journal)
            && header.first() == row.first()
            && header.last() == row.last()
            && Arrays.equals(header.before(), row.before())
            && Arrays.equals(header.head(), row.head());
    if (!isSame) {
      damage(
          where,
          "a file that has them",
          "%s with events %d to %d of %s"
              .formatted(row.path(), header.first(), header.last(), header.persistenceId()));
      chain.pass(row.last(), row.head());
      return;
    }
    boolean isFound = false;
    for (ArchiveFile.Part part : file.parts()) {
      if (part.last() > begin.sequence()) {
        isFound |= !part(file, part);
      }
    }
    if (!isWhole && !isFound && begin.sequence() < row.first()) {
      damage(where, "the file that was written", row.path() + ", which is another one");
    }
  }

  /** Whether a part of a file can be read. */
  private boolean part(ArchiveFile file, ArchiveFile.Part part) throws IOException {
    List<StoredEvent> events;
    try {
      events = file.read(part);
    } catch (CorruptDataException e) {
      damage(
          "events %d to %d".formatted(part.first(), part.last()),
          "what was archived of them",
          e.getMessage());
      chain.pass(part.last(), null);
      return false;
    }
    for (StoredEvent event : events) {
      if (event.sequence() > begin.sequence()) {
        event(
            new JournalRow(
                event.sequence(),
                false,
                file.header().serializerId(),
                file.header().manifest(),
                event.payload()));
      }
    }
    return true;
  }

  private static String form(int serializerId, String manifest) {
    return "serializer " + serializerId + " and manifest " + manifest;
  }

  /** What the event says; null where it cannot be believed. */
  private JournalEvents follow(StoredEvent event) {
    while (true) {
      try {
        return chain.follow(event);
      } catch (BrokenChainException e) {
        report.damage(e.damage());
        if (!chain.goOn(event, e)) {
          return e.sequence() < event.sequence() ? JournalEvents.of(event.payload()) : null;
        }
      }
    }
  }

  private void take(JournalEvents event) {
    event.newSeries().forEach(named::put);
    if (event.sequence() <= flushed.sequence()) {
      for (Metadata one : event.newMetadata()) {
        metadata.add(one.id());
      }
      if (metadata.size() >= IDS_AT_ONCE) {
        lookUpMetadata();
      }
    }
  }

  /** What came while the collector was broken stands in a segment, which is told once. */
  private void note(JournalEvents event) {
    if (event.isInSegment() && !isInSegment) {
      report.note(
          "collector %d: from event %d on a segment that was begun behind damage after event %d: %s"
              .formatted(collector, event.sequence(), event.segmentAfter(), event.segmentWhy()));
    }
    isInSegment = event.isInSegment();
  }

  private void lookUpMetadata() {
    for (UUID id : view.missingMetadata(metadata)) {
      damage("metadata " + id, "a row, as the journal has it", "none");
    }
    metadata.clear();
  }

  // What flushes have written

  /** Returns how many series there must be rows of; -1 where that cannot be told. */
  private int snapshot() {
    boolean isFlushed = flushed.generation() > 0 || flushed.sequence() > 0;
    int numbered = isFlushed ? -1 : 0;
    boolean isThere = false;
    for (SnapshotRow row : view.snapshots(journal)) {
      String where = "snapshot of event " + row.sequence();
      String form = form(row.serializerId(), row.manifest());
      String due = form(CollectorSerializer.IDENTIFIER, CollectorSerializer.SNAPSHOT);
      if (!form.equals(due)) {
        damage(where, due, form);
      }
      if (!isFlushed || row.sequence() != flushed.sequence()) {
        damage(
            where,
            isFlushed ? "one of event " + flushed.sequence() + ", as the collector's row" : "none",
            "this one");
      } else {
        isThere = true;
        numbered = snapshot(row, where);
      }
    }
    if (isFlushed && !isThere) {
      damage("snapshot of event " + flushed.sequence(), "a snapshot", "none");
    }
    return numbered;
  }

  private int snapshot(SnapshotRow row, String where) {
    StoredSnapshot said;
    try {
      said = StoredSnapshot.of(row.payload());
    } catch (CorruptDataException e) {
      damage(where, "a snapshot that can be read", e.getMessage());
      return -1;
    }
    if (said.collector() != collector || said.sequence() != row.sequence()) {
      damage(
          where,
          "event " + row.sequence() + " of collector " + collector,
          "event " + said.sequence() + " of collector " + said.collector());
      return -1;
    }
    if (said.generation() != flushed.generation()) {
      damage(where, "flush " + flushed.generation(), "flush " + said.generation());
    }
    byte[] hash = hashAtFlush;
    if (hash == null) {
      hash = view.payload(journal, row.sequence()).map(JournalEvents::hash).orElse(null);
    }
    if (isFlushedEventDamaged) {
      return said.series();
    }
    if (hash != null && !Arrays.equals(hash, said.chainHash())) {
      damage(
          where,
          "hash " + BrokenChainException.hex(hash) + ", which this event has",
          "hash " + BrokenChainException.hex(said.chainHash()));
    } else if (hash == null && row.sequence() <= begin.sequence()) {
      damage(where, "event " + row.sequence() + " in the journal", "no such row");
    }
    return said.series();
  }

  private void series(int numbered) {
    view.series(
        collector,
        row -> {
          String where = "series " + row.number();
          rows.set(Math.max(0, row.number()));
          Series series = row.series();
          if (series == null) {
            damage(where, "a row that can be read", "another one");
          } else if (SampleId.identity(series) != row.identity()) {
            damage(where, "identity " + SampleId.identity(series), "identity " + row.identity());
          } else if (!named.allow(row.number(), series)) {
            damage(where, "the series that the journal has", series.toString());
          } else if (numbered >= 0 && row.number() >= numbered) {
            damage(where, "less than " + numbered + " series, as the snapshot", "this one");
          }
        });
    for (int i = rows.nextClearBit(0); i < numbered; i = rows.nextClearBit(i + 1)) {
      damage("series " + i, "a row, as the snapshot has " + numbered + " series", "none");
    }
  }

  private void chunk(LedgerView.StoredChunk stored) {
    Chunk chunk = stored.row().chunk();
    int number = stored.row().series();
    ChunkCheck.Flaw flaw = ChunkCheck.flaw(chunk);
    if (flaw == null && (number < 0 || !rows.get(number))) {
      flaw = new ChunkCheck.Flaw("a series of that number", "none");
    }
    if (flaw == null && stored.generation() > flushed.generation()) {
      flaw =
          new ChunkCheck.Flaw(
              "a flush up to " + flushed.generation(), "flush " + stored.generation());
    }
    if (flaw != null) {
      damage(
          "chunk of series %d from %s to %s of flush %d"
              .formatted(number, time(chunk.from()), time(chunk.to()), stored.generation()),
          flaw.expected(),
          flaw.found());
    }
    report.chunk(chunk.samples(), chunk.bytes());
  }

  private static String time(long micros) {
    return micros < Timestamps.MIN || micros > Timestamps.MAX
        ? micros + " us"
        : Timestamps.format(micros);
  }
}
