package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.CollectorSerializer;
import io.sonde.collector.JournalEvents;
import io.sonde.series.CorruptDataException;
import io.sonde.store.ArchiveFile;
import io.sonde.store.ArchiveStore;
import io.sonde.store.ArchiveStore.Taking;
import io.sonde.store.ArchivedFile;
import io.sonde.store.Database;
import io.sonde.store.DatabaseException;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.LedgerView.JournalRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves old events of the collectors' journals into files. Any node may do it, and for each
 * collector one at a time does. A file is on the disk and was read again before a transaction
 * deletes its events and notes it; so an event is in the database or in a noted file at any moment,
 * whatever breaks off. A journal that does not hold is left as it is. Blocks.
 */
public final class JournalArchiver {
  private static final Logger LOG = LoggerFactory.getLogger(JournalArchiver.class);

  private final Database database;
  private final ArchiveStore store;
  private final int collectors;
  private final ArchiveSettings settings;
  private final Duration publishersKeep;
  private final SigningKey key;
  private final Supplier<String> origin;
  private final Clock clock;
  private final ReentrantLock working = new ReentrantLock();

  /** What was told already: once is enough. */
  private final Set<String> told = new HashSet<>();

  /**
   * Of a database.
   *
   * @param collectors how many there are
   * @param publishersKeep how long publishers wait for their consumers
   * @param audit the key and the origin of entries
   */
  public JournalArchiver(
      Database database,
      int collectors,
      ArchiveSettings settings,
      Duration publishersKeep,
      AuditSettings audit,
      Clock clock) {
    this.database = database;
    this.store = new ArchiveStore(database);
    this.collectors = collectors;
    this.settings = settings;
    this.publishersKeep = publishersKeep;
    this.key = audit.key();
    this.origin = () -> audit.originOf(database::id);
    this.clock = clock;
  }

  /** What an interval brings: of each collector all that is due, a file after the other. */
  public void tick() {
    if (!working.tryLock()) {
      return;
    }
    try {
      if (!Files.isDirectory(settings.directory())) {
        complain("sonde.journal.archive: there is no directory " + settings.directory());
        return;
      }
      for (int collector = 0; collector < collectors; collector++) {
        archive(collector);
      }
    } finally {
      working.unlock();
    }
  }

  private void archive(int collector) {
    String journal = Collector.persistenceId(collector);
    try {
      Optional<ArchivedFile> done;
      do {
        done = store.tryTake(collector, journal, taking -> new OneFile(collector, taking).make());
        done.ifPresent(JournalArchiver::report);
      } while (done.isPresent());
    } catch (DatabaseException e) {
      LOG.warn("{} is not archived now: {}", journal, e.getMessage());
    } catch (UncheckedIOException e) {
      complain(journal + " cannot be archived: " + e.getCause());
    } catch (Damaged e) {
      complain(journal + " is not archived, as it does not hold: " + e.getMessage());
    }
  }

  private static void report(ArchivedFile file) {
    AuditMetrics.ARCHIVED_EVENTS.inc(file.last() - file.first() + 1);
    AuditMetrics.ARCHIVED_BYTES.inc(file.fileBytes());
    AuditMetrics.LAST_ARCHIVED.set(System.currentTimeMillis() / 1000.0);
    LOG.info(
        "{}: events {} to {}, of {} bytes, are archived in {}, of {} bytes",
        file.persistenceId(),
        file.first(),
        file.last(),
        file.eventBytes(),
        file.path(),
        file.fileBytes());
  }

  private void complain(String what) {
    AuditMetrics.ARCHIVE_FAILURES.inc();
    if (told.add(what)) {
      LOG.error(what);
    }
  }

  /** What is to be archived is not what was written. */
  private static final class Damaged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Damaged(String message) {
      super(message);
    }
  }

  /** The next file of a collector. */
  private final class OneFile {
    private final int collector;
    private final Taking taking;

    OneFile(int collector, Taking taking) {
      this.collector = collector;
      this.taking = taking;
    }

    /** Empty where no file is full of what may go. */
    Optional<ArchivedFile> make() {
      Instant now = clock.instant();
      Optional<ArchivedFile> before = taking.last();
      Chain.Head begin =
          before.map(file -> new Chain.Head(file.last(), file.head())).orElse(Chain.Head.NONE);
      OptionalLong full =
          taking.full(
              begin.sequence(),
              taking.dispensable(now.minus(publishersKeep).toEpochMilli()),
              settings.fileBytes());
      if (full.isEmpty() || !isOld(full.getAsLong(), now.minus(settings.keep()))) {
        return Optional.empty();
      }
      long end = full.getAsLong();
      // With the one behind them, which names the last of them.
      List<JournalRow> rows = taking.events(begin.sequence() + 1, end + 1);
      List<byte[]> events = new ArrayList<>();
      byte[] head = follow(rows, begin, end, events);
      try {
        ArchivedFile file =
            ArchiveFile.write(
                settings.directory(),
                prefix(database.id(), collector),
                new ArchiveFile.Header(
                    Collector.persistenceId(collector),
                    CollectorSerializer.IDENTIFIER,
                    CollectorSerializer.EVENT,
                    begin.sequence() + 1,
                    end,
                    begin.hash(),
                    head),
                events);
        taking.exchange(file, PruneEntry.note(origin.get(), file, key));
        return Optional.of(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private boolean isOld(long sequence, Instant than) {
      byte[] event = taking.events(sequence, sequence).get(0).payload();
      try {
        return JournalEvents.of(event).recordedAt() < than.getEpochSecond();
      } catch (CorruptDataException e) {
        throw new Damaged("event " + sequence + ": " + e.getMessage());
      }
    }

    /** Takes the events up to one, and returns its hash. */
    private byte[] follow(List<JournalRow> rows, Chain.Head begin, long end, List<byte[]> events) {
      Chain chain = new Chain(collector, begin);
      byte[] head = null;
      for (JournalRow row : rows) {
        if (row.isDeleted()
            || row.serializerId() != CollectorSerializer.IDENTIFIER
            || !row.manifest().equals(CollectorSerializer.EVENT)) {
          throw new Damaged("event " + row.sequence() + " is deleted or of another form");
        }
        try {
          chain.follow(new StoredEvent(row.sequence(), row.payload()));
        } catch (BrokenChainException e) {
          throw new Damaged(e.getMessage());
        }
        if (row.sequence() <= end) {
          events.add(row.payload());
          head = chain.head().hash();
        }
      }
      if (chain.head().sequence() != end + 1) {
        throw new Damaged("event " + (chain.head().sequence() + 1) + " is missing");
      }
      return head;
    }
  }

  /** Files of several databases may lie together. */
  private static String prefix(UUID database, int collector) {
    return database.toString().substring(0, 8) + "-collector-" + collector;
  }
}
