package io.sonde.audit;

import io.sonde.collector.JournalEvents;
import io.sonde.model.Timestamps;
import io.sonde.series.CorruptDataException;
import io.sonde.store.ArchivedFile;
import io.sonde.store.LedgerView;
import io.sonde.store.MissingArchiveException;
import java.util.List;

/** From where on a journal is checked: from an event on, or from a time of recording. */
public final class Since {
  private static final long MICROS = 1_000_000;

  private final long sequence;
  private final long second;

  private Since(long sequence, long second) {
    this.sequence = sequence;
    this.second = second;
  }

  /**
   * Reads a sequence number, from 1, or a time as {@link Timestamps} reads it.
   *
   * @throws IllegalArgumentException when the text is neither
   */
  public static Since parse(String text) {
    if (text.matches("[1-9][0-9]{0,17}")) {
      return new Since(Long.parseLong(text), 0);
    }
    // An event is recorded in a second: the first whole one.
    return new Since(0, -Math.floorDiv(-Timestamps.parse(text), MICROS));
  }

  /**
   * The sequence number of the first event. Journals are in the order of recording, but for what
   * the clocks of their owners differ by, so times are found by halving; an event that is missing
   * or cannot be read may be the one.
   */
  long first(LedgerView view, String journal) {
    if (sequence > 0) {
      return Math.min(sequence, view.end(journal) + 1);
    }
    long archived = archivedTo(view, journal);
    // Where the last archived event is too old, no file is opened.
    long low = archived > 0 && recorded(view, journal, archived + 1) < second ? archived + 1 : 1;
    long high = view.end(journal) + 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (recorded(view, journal, middle) < second) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The number of the last archived event; 0 where there is none. */
  private static long archivedTo(LedgerView view, String journal) {
    List<ArchivedFile> files = view.archived(journal);
    return files.isEmpty() ? 0 : files.get(files.size() - 1).last();
  }

  /** From which time on chunk rows are looked at, microseconds. */
  long chunksFrom(LedgerView view, String journal, long first) {
    long from = sequence > 0 ? recorded(view, journal, first) : second;
    return from > Long.MAX_VALUE / MICROS ? Long.MAX_VALUE : from * MICROS;
  }

  /** When an event was recorded, seconds; the end of time where that is not known. */
  private static long recorded(LedgerView view, String journal, long sequence) {
    try {
      return view.payload(journal, sequence)
          .map(event -> JournalEvents.of(event).recordedAt())
          .orElse(Long.MAX_VALUE);
    } catch (CorruptDataException | MissingArchiveException e) {
      return Long.MAX_VALUE;
    }
  }
}
