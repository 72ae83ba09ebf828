package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.EventHead;
import io.sonde.collector.JournalEvents;
import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.store.CollectorStore;
import io.sonde.store.Database;
import io.sonde.store.JournalStore;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.OriginStore;
import io.sonde.store.OriginStore.Numbered;
import io.sonde.store.Slots;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Finds samples in the journal, from the database alone. Few events are read: a sample's second of
 * recording stands in its chunk or snapshot, and a journal is in the order of these seconds; what
 * is in neither is in the last events. Blocks.
 */
public final class Origins {
  /** Seconds by which clocks of nodes may differ, and events so be out of order. */
  private static final long CLOCKS = 120;

  private final Database database;
  private final JournalStore journals;
  private final CollectorStore chunks;
  private final OriginStore store;

  public Origins(Database database) {
    this.database = database;
    this.journals = new JournalStore(database);
    this.chunks = new CollectorStore(database);
    this.store = new OriginStore(database);
  }

  /** Where the sample of this id stands; nothing where no journal has it, or not any more. */
  public Optional<Origin> find(SampleId.Place id) {
    for (Numbered series : store.withIdentity(id.identity())) {
      OptionalLong recorded = recorded(series, id);
      if (recorded.isPresent()) {
        long second = recorded.getAsLong();
        Optional<Origin> found =
            at(series, id, second, second)
                .or(() -> at(series, id, second - CLOCKS, second + CLOCKS));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return inTails(id);
  }

  /** The second of recording of a sample, as its chunk or the last snapshot says. */
  private OptionalLong recorded(Numbered series, SampleId.Place id) {
    int number = series.number();
    List<byte[]> covering =
        chunks
            .covering(series.collector(), new Integer[] {number}, new Long[] {id.timestamp()})
            .getOrDefault(number, List.of());
    for (byte[] chunk : covering) {
      Columns columns = ChunkCodec.decode(chunk);
      int at = columns.find(id.timestamp(), id.key());
      if (at >= 0) {
        return OptionalLong.of(columns.recorded(at));
      }
    }
    byte[] snapshot = chunks.snapshot(Collector.persistenceId(series.collector()));
    Columns open = snapshot == null ? null : JournalEvents.openBlocks(snapshot).get(number);
    int at = open == null ? -1 : open.find(id.timestamp(), id.key());
    return at < 0 ? OptionalLong.empty() : OptionalLong.of(open.recorded(at));
  }

  /** Among the events of some seconds. */
  private Optional<Origin> at(Numbered series, SampleId.Place id, long from, long to) {
    String journal = Collector.persistenceId(series.collector());
    Map<Integer, Series> numbers = Map.of(series.number(), series.series());
    return journals
        .find(
            journal,
            beforeFirstFrom(journal, from),
            event ->
                JournalEvents.of(event.payload()).recordedAt() > to
                    || in(event, numbers, id).isPresent())
        .flatMap(event -> in(event, numbers, id));
  }

  /** The number before that of the first event that was recorded in a second or later. */
  private long beforeFirstFrom(String journal, long second) {
    long low = journals.beginning(journal) - 1;
    long high = Math.max(low, journals.end(journal));
    while (low < high) {
      long middle = (low + high) >>> 1;
      List<StoredEvent> next = journals.headsAfter(journal, middle, EventHead.BYTES, 1);
      if (next.isEmpty() || EventHead.of(next.get(0).payload()).recordedAt() >= second) {
        high = middle;
      } else {
        low = next.get(0).sequence();
      }
    }
    return low;
  }

  private static Optional<Origin> in(
      StoredEvent event, Map<Integer, Series> numbers, SampleId.Place id) {
    JournalEvents said = JournalEvents.of(event.payload());
    for (Map.Entry<Integer, Series> one : numbers.entrySet()) {
      int position = said.find(one.getKey(), id.timestamp(), id.key());
      if (position >= 0) {
        return Optional.of(Origin.of(event, said, position, one.getValue()));
      }
    }
    return Optional.empty();
  }

  /** In the events that are not flushed; series that are new there have no rows. */
  private Optional<Origin> inTails(SampleId.Place id) {
    List<Numbered> known = store.withIdentity(id.identity());
    int collectors = Slots.load(database).map(Slots::collectors).orElse(0);
    for (int collector = 0; collector < collectors; collector++) {
      Map<Integer, Series> numbers = new HashMap<>();
      for (Numbered one : known) {
        if (one.collector() == collector) {
          numbers.put(one.number(), one.series());
        }
      }
      Optional<Origin> found =
          findInTail(
                  collector,
                  event -> {
                    JournalEvents.of(event.payload())
                        .newSeries()
                        .forEach(
                            (number, series) -> {
                              if (SampleId.identity(series) == id.identity()) {
                                numbers.put(number, series);
                              }
                            });
                    return in(event, numbers, id).isPresent();
                  })
              .flatMap(event -> in(event, numbers, id));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** The first of the events that are not flushed that is wanted; each before it was looked at. */
  private Optional<StoredEvent> findInTail(int collector, Predicate<StoredEvent> isWanted) {
    return journals.find(
        Collector.persistenceId(collector), store.flushed(collector).orElse(0), isWanted);
  }

  /** The series that a collector has numbered and no row may hold yet. */
  Map<Integer, Series> unflushed(int collector, Predicate<Series> wanted) {
    Map<Integer, Series> found = new HashMap<>();
    findInTail(
        collector,
        event -> {
          found.putAll(JournalEvents.of(event.payload()).newSeries());
          return false;
        });
    found.values().removeIf(wanted.negate());
    return found;
  }

  /** The metadata of a sample, which is empty where no text is found. */
  public Metadata metadata(Origin origin) {
    return text(origin).orElse(Metadata.EMPTY);
  }

  /** The text of a sample's metadata: one that no row holds yet stands in the last events. */
  Optional<Metadata> text(Origin origin) {
    UUID id = origin.sample().metadata();
    return store
        .metadata(id)
        .or(
            () ->
                findInTail(origin.collector(), event -> text(event, id).isPresent())
                    .flatMap(event -> text(event, id)));
  }

  private static Optional<Metadata> text(StoredEvent event, UUID id) {
    return JournalEvents.of(event.payload()).newMetadata().stream()
        .filter(text -> text.id().equals(id))
        .findFirst();
  }
}
