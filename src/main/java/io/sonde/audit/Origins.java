package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.JournalEvents;
import io.sonde.collector.JournalEvents.Recorded;
import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
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
import java.util.function.Predicate;

/**
 * Finds samples in the journal, from the database alone. Few events are read: a sample's second of
 * recording stands in its chunk or snapshot, and a journal is in the order of these seconds; what
 * is in neither is in the last events. Blocks.
 */
public final class Origins {
  private final Database database;
  private final JournalStore journals;
  private final OriginStore store;

  public Origins(Database database) {
    this.database = database;
    this.journals = new JournalStore(database);
    this.store = new OriginStore(database);
  }

  /** Where the sample of this id stands; nothing where no journal has it, or not any more. */
  public Optional<Origin> find(SampleId.Place id) {
    for (Numbered series : store.withIdentity(id.identity())) {
      OptionalLong second = recorded(series, id);
      if (second.isPresent()) {
        Optional<Origin> found = at(series, id, second.getAsLong());
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return inTails(id);
  }

  /** The second of recording of a sample, as its chunk or the last snapshot says. */
  private OptionalLong recorded(Numbered series, SampleId.Place id) {
    for (byte[] chunk : store.chunks(series.collector(), series.number(), id.timestamp())) {
      Columns columns = ChunkCodec.decode(chunk);
      int at = columns.find(id.timestamp(), id.key());
      if (at >= 0) {
        return OptionalLong.of(columns.recorded(at));
      }
    }
    Columns open =
        store
            .snapshot(Collector.persistenceId(series.collector()))
            .map(JournalEvents::openBlocks)
            .orElse(Map.of())
            .get(series.number());
    int at = open == null ? -1 : open.find(id.timestamp(), id.key());
    return at < 0 ? OptionalLong.empty() : OptionalLong.of(open.recorded(at));
  }

  /** Among the events of one second. */
  private Optional<Origin> at(Numbered series, SampleId.Place id, long second) {
    String journal = Collector.persistenceId(series.collector());
    long next = firstFrom(journal, second);
    Map<Integer, Series> numbers = Map.of(series.number(), series.series());
    while (true) {
      List<StoredEvent> events = journals.eventsAfter(journal, next - 1);
      for (StoredEvent event : events) {
        JournalEvents said = JournalEvents.of(event.payload());
        if (said.recordedAt() > second) {
          return Optional.empty();
        }
        Optional<Origin> found = in(event, said, numbers, id);
        if (found.isPresent()) {
          return found;
        }
        next = event.sequence() + 1;
      }
      if (events.isEmpty()) {
        return Optional.empty();
      }
    }
  }

  /** The first event that was recorded in a second or later. */
  private long firstFrom(String journal, long second) {
    long low = journals.beginning(journal);
    long high = journals.end(journal) + 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      Optional<StoredEvent> event = journals.event(journal, middle);
      if (event.isPresent() && JournalEvents.of(event.get().payload()).recordedAt() >= second) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private static Optional<Origin> in(
      StoredEvent event, JournalEvents said, Map<Integer, Series> numbers, SampleId.Place id) {
    List<Recorded> samples = said.samples();
    for (int i = 0; i < samples.size(); i++) {
      Recorded one = samples.get(i);
      if (one.timestamp() == id.timestamp()
          && one.key() == id.key()
          && numbers.containsKey(one.series())) {
        return Optional.of(
            new Origin(
                said.collector(),
                event.sequence(),
                i,
                samples.size(),
                JournalEvents.hash(event.payload()),
                said.previousHash(),
                said.way(i),
                numbers.get(one.series()),
                one));
      }
    }
    return Optional.empty();
  }

  /** In the events that are not flushed; series that are new there have no rows. */
  private Optional<Origin> inTails(SampleId.Place id) {
    int collectors = Slots.load(database).map(Slots::collectors).orElse(0);
    for (int collector = 0; collector < collectors; collector++) {
      Map<Integer, Series> numbers = new HashMap<>();
      for (Numbered one : store.withIdentity(id.identity())) {
        if (one.collector() == collector) {
          numbers.put(one.number(), one.series());
        }
      }
      String journal = Collector.persistenceId(collector);
      long last = store.flushed(collector).orElse(0);
      List<StoredEvent> events;
      do {
        events = journals.eventsAfter(journal, last);
        for (StoredEvent event : events) {
          JournalEvents said = JournalEvents.of(event.payload());
          said.newSeries()
              .forEach(
                  (number, series) -> {
                    if (SampleId.identity(series) == id.identity()) {
                      numbers.put(number, series);
                    }
                  });
          Optional<Origin> found = in(event, said, numbers, id);
          if (found.isPresent()) {
            return found;
          }
          last = event.sequence();
        }
      } while (!events.isEmpty());
    }
    return Optional.empty();
  }

  /** The series that a collector has numbered and no row may hold yet. */
  Map<Integer, Series> unflushed(int collector, Predicate<Series> wanted) {
    Map<Integer, Series> found = new HashMap<>();
    String journal = Collector.persistenceId(collector);
    long last = store.flushed(collector).orElse(0);
    List<StoredEvent> events;
    do {
      events = journals.eventsAfter(journal, last);
      for (StoredEvent event : events) {
        found.putAll(JournalEvents.of(event.payload()).newSeries());
        last = event.sequence();
      }
    } while (!events.isEmpty());
    found.values().removeIf(wanted.negate());
    return found;
  }

  /** The metadata of a sample; texts that no row holds yet stand in the last events. */
  public Metadata metadata(Origin origin) {
    return store
        .metadata(origin.sample().metadata())
        .or(() -> inTail(origin))
        .orElse(Metadata.EMPTY);
  }

  private Optional<Metadata> inTail(Origin origin) {
    String journal = Collector.persistenceId(origin.collector());
    long last = store.flushed(origin.collector()).orElse(0);
    List<StoredEvent> events;
    do {
      events = journals.eventsAfter(journal, last);
      for (StoredEvent event : events) {
        for (Metadata text : JournalEvents.of(event.payload()).newMetadata()) {
          if (text.id().equals(origin.sample().metadata())) {
            return Optional.of(text);
          }
        }
        last = event.sequence();
      }
    } while (!events.isEmpty());
    return Optional.empty();
  }
}
