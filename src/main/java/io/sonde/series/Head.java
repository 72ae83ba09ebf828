package io.sonde.series;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.SeriesFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * All series of a collector, and of each what is not in chunk rows yet: an open block, and the
 * chunks that blocks were sealed into when they were full. Mutable and used by one thread;
 * replaying the same events gives the same head.
 */
public final class Head {
  /** No chunk row holds samples of a series. */
  public static final long NOTHING = Long.MIN_VALUE;

  /** Sealing takes the collector's time: so many idle blocks at most leave with one flush. */
  private static final int IDLE_AT_ONCE = 20_000;

  /** One series in the head. */
  public static final class Entry {
    private final int number;
    private Series series;
    private long newest = NOTHING;
    private long flushedTo = NOTHING;
    private int rows;
    private int lastRecorded;
    private Block open = new Block();
    private List<Chunk> sealed = List.of();

    private Entry(int number) {
      this.number = number;
    }

    /** The series' number within its collector. */
    public int number() {
      return number;
    }

    /** What is measured. */
    public Series series() {
      return series;
    }

    /**
     * The latest timestamp of the series, wherever the sample is; {@link #NOTHING} where there is
     * none. A later one is new for sure.
     */
    public long newest() {
      return newest;
    }

    /** A sample of this time is about to be journaled; no copy of it can be taken for new. */
    public void noteGathered(long timestamp) {
      newest = Math.max(newest, timestamp);
    }

    /**
     * The latest timestamp that any chunk row, written or about to be, holds; or {@link #NOTHING}.
     */
    public long flushedTo() {
      return flushedTo;
    }

    /** The samples that are in no chunk. */
    public Block open() {
      return open;
    }

    /** The chunks that are in no row, oldest first. */
    public List<Chunk> sealed() {
      return Collections.unmodifiableList(sealed);
    }

    private void seal() {
      if (sealed.isEmpty()) {
        sealed = new ArrayList<>(2);
      }
      sealed.addAll(DayChunks.of(open.freeze()));
      open = new Block();
    }
  }

  private int sealAt = 240;
  private Entry[] byNumber = new Entry[16];
  private int count;
  // Open addressing over byNumber: a number + 1, or 0. Every sample's series is looked up here.
  private int[] table = new int[64];
  private final SeriesIndex index = new SeriesIndex();
  private final Map<UUID, UUID> metadataIds = new HashMap<>();
  // The flush that wore the day last: a merge that ends later has not seen its rows.
  private final Map<SeriesDay, Long> worn = new LinkedHashMap<>();
  private List<Entry> born = new ArrayList<>();
  private Map<UUID, Metadata> newMetadata = new LinkedHashMap<>();
  private long samples;

  /** From now on an open block of so many samples becomes a chunk. */
  public void sealAt(int samplesOfBlock) {
    sealAt = samplesOfBlock;
  }

  /** The entry of a series, or null when it was never seen. */
  public Entry entry(Series series) {
    for (int at = slot(series); table[at] != 0; at = (at + 1) & (table.length - 1)) {
      Entry entry = byNumber[table[at] - 1];
      if (entry.series.equals(series)) {
        return entry;
      }
    }
    return null;
  }

  /**
   * The entry of a series, or null when it was never seen. Found fastest where it was born right
   * after another one, as senders name their series in the same order again and again.
   */
  @SuppressWarnings("ReferenceEquality") // another object is looked up, equal or not
  public Entry entry(Series series, Entry before) {
    if (before != null && before.number + 1 < count) {
      Entry next = byNumber[before.number + 1];
      if (next.series == series) {
        return next;
      }
    }
    return entry(series);
  }

  /** The entry of a number. */
  public Entry entry(int number) {
    return byNumber[number];
  }

  /** The number that the next new series gets. */
  public int nextNumber() {
    return count;
  }

  /** Number of samples that are in no chunk row. */
  public long samples() {
    return samples;
  }

  /** All series, by their numbers. */
  public List<Entry> entries() {
    return Collections.unmodifiableList(Arrays.asList(byNumber).subList(0, count));
  }

  /** The series that a filter may match, and others: ask it about each. */
  public Stream<Entry> candidates(SeriesFilter filter) {
    return index.candidates(filter).mapToObj(number -> byNumber[number]);
  }

  /** Series that were born since the last {@link #freeze}. */
  public Collection<Entry> born() {
    return Collections.unmodifiableList(born);
  }

  /** Metadata that came since the last {@link #freeze}, by id. */
  public Map<UUID, Metadata> newMetadata() {
    return Collections.unmodifiableMap(newMetadata);
  }

  /** A series appears for the first time. */
  public void define(int number, Series series) {
    if (number != count) {
      throw new CorruptDataException("series number " + number + " where " + count + " was due");
    }
    Entry entry = addEntry();
    describe(number, series);
    born.add(entry);
  }

  /** Metadata appears, perhaps again. */
  public void define(Metadata metadata) {
    newMetadata.put(metadata.id(), metadata);
  }

  /** The one object that stands for an id, so that blocks do not keep a copy each. */
  public UUID shared(UUID metadataId) {
    UUID known = metadataIds.putIfAbsent(metadataId, metadataId);
    return known == null ? metadataId : known;
  }

  /**
   * Adds a sample that was found to be new.
   *
   * @param metadataId as {@link #shared} gives it
   */
  public void append(
      int number, long timestamp, double volume, long key, UUID metadataId, long recordedAt) {
    Entry entry = byNumber[number];
    entry.open.add(timestamp, volume, key, metadataId, recordedAt);
    entry.newest = Math.max(entry.newest, timestamp);
    entry.lastRecorded = (int) recordedAt;
    samples++;
    if (entry.open.size() >= sealAt) {
      entry.seal();
    }
  }

  /** Adds the next number, of which a snapshot knows no more than how its rows stand. */
  public void restore(long flushedTo, int rows) {
    Entry entry = addEntry();
    entry.flushedTo = flushedTo;
    entry.newest = flushedTo;
    entry.rows = rows;
  }

  /**
   * Rows of the series reach up to this time where they lie under another collector.
   *
   * @return whether that is news
   */
  public boolean continues(int number, long formerlyFlushedTo) {
    Entry entry = byNumber[number];
    if (formerlyFlushedTo <= entry.flushedTo) {
      return false;
    }
    entry.flushedTo = formerlyFlushedTo;
    entry.newest = Math.max(entry.newest, formerlyFlushedTo);
    entry.rows = 0;
    return true;
  }

  /** Gives a series of a snapshot its open block back. */
  public void restore(int number, Columns columns) {
    Entry entry = byNumber[number];
    entry.open = Block.of(columns);
    entry.newest = Math.max(entry.newest, entry.open.last());
    for (int i = 0; i < columns.size(); i++) {
      entry.lastRecorded = (int) Math.max(entry.lastRecorded, columns.recorded(i));
    }
    samples += columns.size();
  }

  /** A day of a series has several rows. */
  public void restoreWorn(SeriesDay day) {
    worn.put(day, 0L);
  }

  /** Tells what a number stands for. */
  public void describe(int number, Series series) {
    Entry entry = byNumber[number];
    if (entry.series != null) {
      return;
    }
    entry.series = series;
    index.add(number, series);
    if (count * 2 > table.length) {
      table = new int[table.length * 4];
      for (int i = 0; i < count; i++) {
        if (byNumber[i].series != null && i != number) {
          enter(byNumber[i]);
        }
      }
    }
    enter(entry);
  }

  /**
   * The days whose rows may be merged once what was frozen is written, and the number of the flush
   * that wore them last; oldest first.
   */
  public Map<SeriesDay, Long> worn() {
    return Collections.unmodifiableMap(worn);
  }

  /** The rows of these days were merged, as far as {@link #worn} told. */
  public void mend(Map<SeriesDay, Long> days) {
    days.forEach(worn::remove);
  }

  /** The rows of these days could not be merged: all others come first the next time. */
  public void postpone(Set<SeriesDay> days) {
    for (SeriesDay day : days) {
      Long flush = worn.remove(day);
      if (flush != null) {
        worn.put(day, flush);
      }
    }
  }

  /**
   * Cuts what is to be flushed out of the head: sealed chunks, and blocks that got no sample for a
   * while. The head goes on without it; what is returned does not change any more.
   *
   * @param number number of the flush
   * @param idleSince blocks whose last sample was recorded at or before this second leave as well
   */
  public Generation freeze(long number, long idleSince) {
    Map<Integer, List<Chunk>> leaving = new LinkedHashMap<>();
    List<Generation.Kept> kept = new ArrayList<>();
    long[] flushedTo = new long[count];
    int[] rows = new int[count];
    int idle = 0;
    for (int i = 0; i < count; i++) {
      Entry entry = byNumber[i];
      if (entry.open.size() > 0
          && Integer.toUnsignedLong(entry.lastRecorded) <= idleSince
          && idle++ < IDLE_AT_ONCE) {
        entry.seal();
      }
      if (!entry.sealed.isEmpty()) {
        leaving.put(i, leave(entry, number));
      }
      if (entry.open.size() > 0) {
        kept.add(new Generation.Kept(i, entry.open.freeze()));
      }
      flushedTo[i] = entry.flushedTo;
      rows[i] = entry.rows;
    }
    Generation generation =
        new Generation(
            number,
            leaving,
            kept,
            flushedTo,
            rows,
            List.copyOf(worn.keySet()),
            List.copyOf(born),
            newMetadata);
    born = new ArrayList<>();
    newMetadata = new LinkedHashMap<>();
    metadataIds.clear();
    return generation;
  }

  private List<Chunk> leave(Entry entry, long flush) {
    List<Chunk> chunks = entry.sealed;
    long noted = NOTHING;
    for (Chunk chunk : chunks) {
      samples -= chunk.samples();
      SeriesDay day = SeriesDay.of(entry.number, chunk);
      if (day.day() != noted) {
        // Chunks of one day are written as one row.
        noteRow(entry, day, flush);
        noted = day.day();
      }
      entry.flushedTo = Math.max(entry.flushedTo, chunk.to());
    }
    entry.sealed = List.of();
    return chunks;
  }

  /** A day gets a row more. It is worn when it is over and has several, or when it has many. */
  private void noteRow(Entry entry, SeriesDay day, long flush) {
    long current =
        entry.flushedTo == NOTHING ? NOTHING : Math.floorDiv(entry.flushedTo, SeriesDay.MICROS);
    if (day.day() > current) {
      if (entry.rows > 1) {
        worn.put(new SeriesDay(entry.number, current), flush);
      }
      entry.rows = 1;
    } else if (day.day() < current) {
      worn.put(day, flush);
    } else if (++entry.rows >= SeriesDay.MANY_ROWS) {
      worn.put(day, flush);
      entry.rows = 1;
    }
  }

  private Entry addEntry() {
    if (count == byNumber.length) {
      byNumber = Arrays.copyOf(byNumber, count * 2);
    }
    Entry entry = new Entry(count);
    byNumber[count++] = entry;
    return entry;
  }

  private void enter(Entry entry) {
    int at = slot(entry.series);
    while (table[at] != 0) {
      at = (at + 1) & (table.length - 1);
    }
    table[at] = entry.number + 1;
  }

  private int slot(Series series) {
    int hash = series.hashCode() * 0x9e3779b9;
    return (hash ^ (hash >>> 15)) & (table.length - 1);
  }
}
