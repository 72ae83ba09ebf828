package io.sonde.publish;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import io.sonde.collector.Collector;
import io.sonde.collector.JournalEvents;
import io.sonde.collector.JournalWords;
import io.sonde.store.JournalStore;
import io.sonde.store.QueryStore;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What the journal of a collector holds behind a publisher's position: entries are events, numbers
 * are sequence numbers. The position is written after the consumer has the samples.
 */
final class JournalBacklog implements Backlog<Publisher.Outgoing> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long NONE = -1;

  private final Publication publication;
  private final int collector;
  private final long sequenceAtStart;
  private final JournalStore journal;
  private final JournalWords words;
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
    this.journal = journal;
    words =
        new JournalWords(
            (series, metadata) ->
                AskPattern.ask(
                    describer,
                    replyTo -> new Collector.Describe(series, metadata, replyTo),
                    PATIENCE,
                    system.scheduler()),
            queries::metadata);
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
    JournalWords.Words described = words.of(series, metadata);
    List<Entry<Publisher.Outgoing>> entries = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      entries.add(
          new Entry<>(
              events.get(i).sequence(),
              blocks.get(i).recordedAt(),
              events.get(i).payload().length,
              new Samples(recorded.get(i), described)));
    }
    return entries;
  }

  /** Made one by one: an event may hold fifty thousand. */
  private static final class Samples extends AbstractList<Publisher.Outgoing> {
    private final List<JournalEvents.Recorded> recorded;
    private final JournalWords.Words words;

    private Samples(List<JournalEvents.Recorded> recorded, JournalWords.Words words) {
      this.recorded = recorded;
      this.words = words;
    }

    @Override
    public Publisher.Outgoing get(int index) {
      JournalEvents.Recorded one = recorded.get(index);
      return new Publisher.Outgoing(words.id(one), words.sample(one), one.recordedAt());
    }

    @Override
    public int size() {
      return recorded.size();
    }
  }
}
