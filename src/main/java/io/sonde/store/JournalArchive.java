package io.sonde.store;

import io.sonde.series.CorruptDataException;
import io.sonde.store.JournalStore.StoredEvent;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/**
 * Lets readers of journals go on from archived events to those in the database without noticing.
 * The database is asked first: archived is only what it lacks.
 */
final class JournalArchive {
  private final Rows rows;

  /** Of each journal the file that was read last: the next events are probably in it too. */
  private final Map<String, ArchiveFile> opened = new ConcurrentHashMap<>();

  /** Looks files up. */
  @FunctionalInterface
  interface Rows {
    /** The file that has an event; null where none has. */
    ArchivedFile holding(String persistenceId, long sequence);
  }

  JournalArchive(Rows rows) {
    this.rows = rows;
  }

  /**
   * The archived events after a sequence number, some of them; null where the next one is not
   * archived.
   *
   * @throws MissingArchiveException when their file cannot be read
   * @throws io.sonde.series.CorruptDataException when it is damaged
   */
  List<StoredEvent> after(String persistenceId, long sequence) {
    ArchiveFile file = opened.get(persistenceId);
    return file != null && file.has(sequence + 1)
        ? read(file, persistenceId, sequence)
        : open(persistenceId, sequence);
  }

  /**
   * The events after a sequence number, some of them, from wherever they are.
   *
   * @param inDatabase gives what the database has after a sequence number
   */
  List<StoredEvent> after(
      String persistenceId, long sequence, LongFunction<List<StoredEvent>> inDatabase) {
    ArchiveFile file = opened.get(persistenceId);
    if (file != null && file.has(sequence + 1)) {
      return read(file, persistenceId, sequence);
    }
    List<StoredEvent> found = inDatabase.apply(sequence);
    // The last event of a journal is never archived: at the end there is nothing to look for.
    if (found.isEmpty() || found.get(0).sequence() == sequence + 1) {
      return found;
    }
    List<StoredEvent> archived = open(persistenceId, sequence);
    return archived == null ? found : archived;
  }

  private List<StoredEvent> read(ArchiveFile file, String persistenceId, long sequence) {
    try {
      return file.from(sequence + 1);
    } catch (IOException e) {
      // It may have been moved: where it is now, or that it is nowhere, the rows tell.
      opened.remove(persistenceId);
      return open(persistenceId, sequence);
    }
  }

  private List<StoredEvent> open(String persistenceId, long sequence) {
    ArchivedFile row = rows.holding(persistenceId, sequence + 1);
    if (row == null) {
      return null;
    }
    try {
      ArchiveFile file = ArchiveFile.open(row.path());
      if (!file.header().persistenceId().equals(persistenceId) || !file.has(sequence + 1)) {
        throw new CorruptDataException(
            row.path() + ", with other events than " + row.first() + " to " + row.last());
      }
      List<StoredEvent> events = file.from(sequence + 1);
      opened.put(persistenceId, file);
      return events;
    } catch (IOException e) {
      throw new MissingArchiveException(row, e);
    }
  }
}
