package io.sonde.series;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.SeriesFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * All series of a collector, and of each what is not in chunk rows yet. Mutable and used by one
 * thread; replaying the same events gives the same head.
 */
public final class Head {
  /** It is not known up to when chunk rows hold samples of a series: look before deciding. */
  public static final long UNKNOWN = Long.MAX_VALUE;

  /** No chunk row holds samples of a series. */
  public static final long NOTHING = Long.MIN_VALUE;

  /** One series in the head. */
  public static final class Entry {
    private final int number;
    private Series series;
    private long flushedTo;
    private long leftTo = NOTHING;
    private Block block = new Block();

    private Entry(int number, long flushedTo) {
      this.number = number;
      this.flushedTo = flushedTo;
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
     * The latest timestamp that any chunk row, written or about to be, holds; or {@link #NOTHING}
     * or {@link #UNKNOWN}.
     */
    public long flushedTo() {
      return flushedTo;
    }

    /**
     * What the database was found to hold. It may have been asked before a flush of ours was
     * written, so what left the head counts as well.
     */
    public void learnFlushedTo(long timestamp) {
      if (flushedTo == UNKNOWN) {
        flushedTo = Math.max(timestamp, leftTo);
      }
    }

    /** The samples that are in no chunk row. */
    public Block block() {
      return block;
    }
  }

  private final Map<Series, Entry> bySeries = new HashMap<>();
  private final List<Entry> byNumber = new ArrayList<>();
  private final SeriesIndex index = new SeriesIndex();
  private List<Entry> born = new ArrayList<>();
  private Map<UUID, Metadata> newMetadata = new LinkedHashMap<>();
  private long samples;

  /** The entry of a series, or null when it was never seen. */
  public Entry entry(Series series) {
    return bySeries.get(series);
  }

  /** The entry of a number. */
  public Entry entry(int number) {
    return byNumber.get(number);
  }

  /** The number that the next new series gets. */
  public int nextNumber() {
    return byNumber.size();
  }

  /** Number of samples that are in no chunk row. */
  public long samples() {
    return samples;
  }

  /** All series, by their numbers. */
  public List<Entry> entries() {
    return Collections.unmodifiableList(byNumber);
  }

  /** The series that a filter may match, and others: ask it about each. */
  public Stream<Entry> candidates(SeriesFilter filter) {
    return index.candidates(filter).mapToObj(byNumber::get);
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
    if (number != byNumber.size()) {
      throw new CorruptDataException(
          "series number " + number + " where " + byNumber.size() + " was due");
    }
    Entry entry = new Entry(number, NOTHING);
    entry.series = series;
    byNumber.add(entry);
    bySeries.put(series, entry);
    index.add(number, series);
    born.add(entry);
  }

  /** Metadata appears, perhaps again. */
  public void define(Metadata metadata) {
    newMetadata.put(metadata.id(), metadata);
  }

  /** Adds a sample that was found to be new. */
  public void append(
      int number, long timestamp, double volume, long key, UUID metadataId, long recordedAt) {
    byNumber.get(number).block.add(timestamp, volume, key, metadataId, recordedAt);
    samples++;
  }

  /**
   * Makes room for series that a snapshot knows by number only; {@link #describe} tells what they
   * are.
   */
  public void restore(int seriesCount) {
    while (byNumber.size() < seriesCount) {
      byNumber.add(new Entry(byNumber.size(), UNKNOWN));
    }
  }

  /** Gives a series of a snapshot its open block back. */
  public void restore(int number, long flushedTo, Columns columns) {
    Entry entry = byNumber.get(number);
    entry.flushedTo = flushedTo;
    entry.block = Block.of(columns);
    samples += columns.size();
  }

  /** Tells what a restored number stands for. */
  public void describe(int number, Series series) {
    Entry entry = byNumber.get(number);
    if (entry.series == null) {
      entry.series = series;
      bySeries.put(series, entry);
      index.add(number, series);
    }
  }

  /** Which blocks leave the head in a flush. */
  @FunctionalInterface
  public interface Ripe {
    boolean test(Block block);
  }

  /**
   * Cuts what is to be flushed out of the head. The head goes on without it; what is returned does
   * not change any more.
   */
  public Generation freeze(long number, Ripe ripe) {
    Map<Integer, Columns> leaving = new LinkedHashMap<>();
    Map<Integer, Generation.Kept> kept = new LinkedHashMap<>();
    for (Entry entry : byNumber) {
      if (entry.block.size() == 0) {
        continue;
      }
      Columns columns = entry.block.freeze();
      if (ripe.test(entry.block)) {
        leaving.put(entry.number, columns);
        entry.flushedTo = Math.max(entry.flushedTo, entry.block.last());
        entry.leftTo = Math.max(entry.leftTo, entry.block.last());
        entry.block = new Block();
        samples -= columns.size();
      } else {
        kept.put(entry.number, new Generation.Kept(entry.flushedTo, columns));
      }
    }
    Generation generation =
        new Generation(number, byNumber.size(), leaving, kept, List.copyOf(born), newMetadata);
    born = new ArrayList<>();
    newMetadata = new LinkedHashMap<>();
    return generation;
  }
}
