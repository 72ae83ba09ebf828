package io.sonde.publish;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import io.sonde.collector.Collector;
import io.sonde.collector.JournalEvents;
import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.store.JournalStore;
import io.sonde.store.QueryStore;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What the journal of a collector holds behind a publisher's position: entries are events, numbers
 * are sequence numbers. The position is written after the consumer has the samples.
 */
final class JournalBacklog implements Backlog<Publisher.Outgoing> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long NONE = -1;

  /** Series, and texts of metadata, that are not asked for again: some hundred bytes each. */
  private static final int REMEMBERED = 10_000;

  private final Publication publication;
  private final int collector;
  private final long sequenceAtStart;
  private final ActorRef<Collector.Command> describer;
  private final ActorSystem<?> system;
  private final JournalStore journal;
  private final QueryStore queries;
  private final Map<Integer, Known> lastSeries = new Recent<>();
  private final Map<UUID, Metadata> lastMetadata = new Recent<>();
  private long position = NONE;
  private boolean isOver;

  /**
   * A backlog.
   *
   * @param sequence where a publisher without a position begins
   * @param describer the collector
   */
  JournalBacklog(
      Publication publication,
      int collector,
      long sequence,
      ActorRef<Collector.Command> describer,
      ActorSystem<?> system,
      JournalStore journal,
      QueryStore queries) {
    this.publication = publication;
    this.collector = collector;
    this.sequenceAtStart = sequence;
    this.describer = describer;
    this.system = system;
    this.journal = journal;
    this.queries = queries;
  }

  @Override
  public long start() {
    if (position == NONE) {
      position =
          publication.isInJournal()
              ? journal.position(publication.name(), collector, sequenceAtStart)
              : journal.position(publication.name(), collector).orElse(sequenceAtStart);
    }
    return position;
  }

  @Override
  public List<Entry<Publisher.Outgoing>> next() {
    start();
    List<JournalStore.StoredEvent> events =
        isOver ? List.of() : journal.eventsAfter(Collector.persistenceId(collector), position);
    if (events.isEmpty() && !publication.isInJournal() && position >= sequenceAtStart) {
      // Should the journal have something for it again, it begins there.
      journal.forget(publication.name(), collector);
      isOver = true;
    }
    return entries(events);
  }

  /** A publisher that has lost its last sink in the journal reads what is left there. */
  @Override
  public boolean isOver() {
    return isOver;
  }

  @Override
  public void done(List<Entry<Publisher.Outgoing>> entries) {
    long last = entries.get(entries.size() - 1).number();
    journal.advance(publication.name(), collector, last);
    position = last;
  }

  @Override
  public Waiting waitingAfter(long number) {
    JournalStore.Waiting rows = journal.waiting(Collector.persistenceId(collector), number);
    return new Waiting(rows.rows(), rows.bytes(), rows.last());
  }

  private List<Entry<Publisher.Outgoing>> entries(List<JournalStore.StoredEvent> events) {
    List<JournalEvents> blocks = new ArrayList<>(events.size());
    List<List<JournalEvents.Recorded>> recorded = new ArrayList<>(events.size());
    Set<Integer> series = new HashSet<>();
    Set<UUID> metadata = new HashSet<>();
    for (JournalStore.StoredEvent event : events) {
      JournalEvents block = JournalEvents.of(event.payload());
      List<JournalEvents.Recorded> samples = block.samples(publication::takes);
      for (JournalEvents.Recorded sample : samples) {
        series.add(sample.series());
        metadata.add(sample.metadata());
      }
      blocks.add(block);
      recorded.add(samples);
    }
    Words words = series.isEmpty() ? new Words(Map.of(), Map.of()) : describe(series, metadata);
    List<Entry<Publisher.Outgoing>> entries = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      entries.add(
          new Entry<>(
              events.get(i).sequence(),
              blocks.get(i).recordedAt(),
              events.get(i).payload().length,
              new Samples(recorded.get(i), words)));
    }
    return entries;
  }

  /** What is known from events before is not asked for again. */
  private Words describe(Set<Integer> series, Set<UUID> metadata) {
    Map<Integer, Known> knownSeries = new HashMap<>();
    Map<UUID, Metadata> knownMetadata = new HashMap<>();
    take(lastSeries, series, knownSeries);
    take(lastMetadata, metadata, knownMetadata);
    if (!series.isEmpty() || !metadata.isEmpty()) {
      ask(series, metadata, knownSeries, knownMetadata);
    }
    return new Words(knownSeries, knownMetadata);
  }

  private static <K, V> void take(Map<K, V> from, Set<K> wanted, Map<K, V> found) {
    for (Iterator<K> keys = wanted.iterator(); keys.hasNext(); ) {
      K key = keys.next();
      V value = from.get(key);
      if (value != null) {
        found.put(key, value);
        keys.remove();
      }
    }
  }

  private void ask(
      Set<Integer> series,
      Set<UUID> metadata,
      Map<Integer, Known> knownSeries,
      Map<UUID, Metadata> knownMetadata) {
    Collector.Described described =
        AskPattern.<Collector.Command, Collector.Described>ask(
                describer,
                replyTo -> new Collector.Describe(series, metadata, replyTo),
                PATIENCE,
                system.scheduler())
            .toCompletableFuture()
            .join();
    metadata.removeAll(described.metadata().keySet());
    Map<UUID, Metadata> texts = new HashMap<>(described.metadata());
    texts.putAll(queries.metadata(metadata));
    described
        .series()
        .forEach(
            (number, one) -> {
              Known known = new Known(one, SampleId.identity(one));
              knownSeries.put(number, known);
              lastSeries.put(number, known);
            });
    knownMetadata.putAll(texts);
    lastMetadata.putAll(texts);
  }

  /** A series, and what its samples' ids begin with. */
  private record Known(Series series, long identity) {}

  /** What numbers and ids in the journal stand for. */
  private record Words(Map<Integer, Known> series, Map<UUID, Metadata> metadata) {}

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

  /** Made one by one: an event may hold fifty thousand. */
  private static final class Samples extends AbstractList<Publisher.Outgoing> {
    private final List<JournalEvents.Recorded> recorded;
    private final Words words;

    private Samples(List<JournalEvents.Recorded> recorded, Words words) {
      this.recorded = recorded;
      this.words = words;
    }

    @Override
    public Publisher.Outgoing get(int index) {
      JournalEvents.Recorded one = recorded.get(index);
      Known known = words.series().get(one.series());
      return new Publisher.Outgoing(
          SampleId.of(known.identity(), one.timestamp(), one.key()),
          new Sample(
              known.series(),
              one.timestamp(),
              one.volume(),
              one.key(),
              words.metadata().get(one.metadata())),
          one.recordedAt());
    }

    @Override
    public int size() {
      return recorded.size();
    }
  }
}
