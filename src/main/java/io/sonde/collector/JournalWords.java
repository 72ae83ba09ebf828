package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the numbers of series and the ids of metadata in the journal of a collector stand for. The
 * collector tells it, and what it told lately is remembered. For one thread; blocks.
 */
public final class JournalWords {
  /** Series, and texts of metadata, that are not asked for again: some hundred bytes each. */
  private static final int REMEMBERED = 10_000;

  /** Numbers, and ids, of one question, so that it fits into a message between nodes. */
  private static final int MOST_ASKED = 4_000;

  /** A series, and what its samples' ids begin with. */
  public record Known(Series series, long identity) {}

  /** What some numbers and ids stand for. */
  public record Words(Map<Integer, Known> series, Map<UUID, Metadata> metadata) {
    /** A sample in full. */
    public Sample sample(JournalEvents.Recorded one) {
      return new Sample(
          series.get(one.series()).series(),
          one.timestamp(),
          one.volume(),
          one.key(),
          metadata.get(one.metadata()));
    }

    /** The id that Sonde gives the sample. */
    public String id(JournalEvents.Recorded one) {
      return SampleId.of(series.get(one.series()).identity(), one.timestamp(), one.key());
    }
  }

  private final BiFunction<Set<Integer>, Set<UUID>, CompletionStage<Collector.Described>> collector;
  private final Function<Set<UUID>, Map<UUID, Metadata>> rows;
  private final Map<Integer, Known> lastSeries = new Recent<>();
  private final Map<UUID, Metadata> lastMetadata = new Recent<>();

  /**
   * Of one collector.
   *
   * @param collector asks it, see {@link Collector.Describe}
   * @param rows finds metadata in the database
   */
  public JournalWords(
      BiFunction<Set<Integer>, Set<UUID>, CompletionStage<Collector.Described>> collector,
      Function<Set<UUID>, Map<UUID, Metadata>> rows) {
    this.collector = collector;
    this.rows = rows;
  }

  /** What these stand for; fails when collector or database do not tell. */
  public Words of(Set<Integer> series, Set<UUID> metadata) {
    Map<Integer, Known> knownSeries = new HashMap<>();
    Map<UUID, Metadata> knownMetadata = new HashMap<>();
    Set<Integer> newSeries = take(lastSeries, series, knownSeries);
    Set<UUID> newMetadata = take(lastMetadata, metadata, knownMetadata);
    Set<UUID> inRows = new HashSet<>(newMetadata);
    while (!newSeries.isEmpty() || !newMetadata.isEmpty()) {
      Set<Integer> numbers = first(newSeries);
      Set<UUID> ids = first(newMetadata);
      Collector.Described told = collector.apply(numbers, ids).toCompletableFuture().join();
      told.series().forEach((number, one) -> remember(number, one, knownSeries));
      knownMetadata.putAll(told.metadata());
      lastMetadata.putAll(told.metadata());
      inRows.removeAll(told.metadata().keySet());
      newSeries.removeAll(told.isCut() ? told.series().keySet() : numbers);
      newMetadata.removeAll(told.isCut() ? told.metadata().keySet() : ids);
    }
    if (!inRows.isEmpty()) {
      Map<UUID, Metadata> texts = rows.apply(inRows);
      knownMetadata.putAll(texts);
      lastMetadata.putAll(texts);
    }
    return new Words(knownSeries, knownMetadata);
  }

  private void remember(int number, Series series, Map<Integer, Known> found) {
    Known known = new Known(series, SampleId.identity(series));
    found.put(number, known);
    lastSeries.put(number, known);
  }

  /** Takes what is remembered; gives what is not. */
  private static <K, V> Set<K> take(Map<K, V> from, Set<K> wanted, Map<K, V> found) {
    Set<K> missing = new HashSet<>(wanted);
    for (Iterator<K> keys = missing.iterator(); keys.hasNext(); ) {
      K key = keys.next();
      V value = from.get(key);
      if (value != null) {
        found.put(key, value);
        keys.remove();
      }
    }
    return missing;
  }

  private static <K> Set<K> first(Set<K> all) {
    return all.stream().limit(MOST_ASKED).collect(Collectors.toSet());
  }

  /** Keeps what was used last. */
  private static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    private Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > REMEMBERED;
    }
  }
}
