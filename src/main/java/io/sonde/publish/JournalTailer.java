package io.sonde.publish;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import io.sonde.collector.Collector;
import io.sonde.collector.JournalEvents;
import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.store.JournalStore;
import io.sonde.store.QueryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Reads the journal of one collector for one outside publisher, as a child of the collector. The
 * position is durable, so that neither a restart nor a move to another node leaves a sample out; it
 * is written after the consumer has the samples, so that after a crash some may come twice, with
 * the same ids. A consumer that fails is tried again, ever more slowly, and nobody else waits for
 * it.
 */
public final class JournalTailer {
  private static final int EVENTS_AT_ONCE = 16;
  private static final Duration MIN_BACKOFF = Duration.ofMillis(200);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Commits that are told to {@link Collector.Committed}, and what the tailer tells itself. */
  private sealed interface Progress extends NoSerializationVerificationNeeded
      permits Advanced, Failed {}

  private record Advanced(long position, boolean isAtEnd) implements Progress {}

  private record Failed(Throwable failure) implements Progress {}

  private final ActorContext<Object> context;
  private final TimerScheduler<Object> timers;
  private final Publication publication;
  private final Publisher publisher;
  private final int collector;
  private final long sequenceAtStart;
  private final ActorRef<Collector.Command> describer;
  private final JournalStore journal;
  private final QueryStore queries;
  private final Executor blocking;

  private long position = -1;
  private long newest;
  private long newestAtRead;
  private boolean isReading;
  private Duration backoff = MIN_BACKOFF;

  /** A tailer; {@code sequence} is where a publisher without a position begins. */
  public static Behavior<Collector.Committed> create(
      Publication publication,
      Publisher publisher,
      int collector,
      long sequence,
      ActorRef<Collector.Command> describer,
      JournalStore journal,
      QueryStore queries,
      Executor blocking) {
    return Behaviors.setup(
            (ActorContext<Object> context) ->
                Behaviors.withTimers(
                    timers ->
                        new JournalTailer(
                                context,
                                timers,
                                publication,
                                publisher,
                                collector,
                                sequence,
                                describer,
                                journal,
                                queries,
                                blocking)
                            .behavior()))
        .narrow();
  }

  private JournalTailer(
      ActorContext<Object> context,
      TimerScheduler<Object> timers,
      Publication publication,
      Publisher publisher,
      int collector,
      long sequence,
      ActorRef<Collector.Command> describer,
      JournalStore journal,
      QueryStore queries,
      Executor blocking) {
    this.context = context;
    this.timers = timers;
    this.publication = publication;
    this.publisher = publisher;
    this.collector = collector;
    this.sequenceAtStart = sequence;
    this.newest = sequence;
    this.describer = describer;
    this.journal = journal;
    this.queries = queries;
    this.blocking = blocking;
  }

  private Behavior<Object> behavior() {
    read();
    return Behaviors.receive(Object.class)
        .onMessage(Collector.Committed.class, this::onCommitted)
        .onMessage(Advanced.class, this::onAdvanced)
        .onMessage(Failed.class, this::onFailed)
        .onMessageEquals(Retry.INSTANCE, this::onRetry)
        .build();
  }

  private enum Retry implements NoSerializationVerificationNeeded {
    INSTANCE
  }

  private Behavior<Object> onCommitted(Collector.Committed committed) {
    newest = committed.sequence();
    if (!isReading && !timers.isTimerActive(Retry.INSTANCE)) {
      read();
    }
    return Behaviors.same();
  }

  private Behavior<Object> onAdvanced(Advanced advanced) {
    isReading = false;
    position = advanced.position();
    backoff = MIN_BACKOFF;
    // What was committed while this read looked and found the end is not announced again.
    if (position < newest && (!advanced.isAtEnd() || newestAtRead < newest)) {
      read();
    }
    return Behaviors.same();
  }

  private Behavior<Object> onFailed(Failed failed) {
    isReading = false;
    context
        .getLog()
        .warn(
            "publisher={} collector={} failed, trying again in {}: {}",
            publication.publisher(),
            collector,
            backoff,
            failed.failure().toString());
    timers.startSingleTimer(Retry.INSTANCE, Retry.INSTANCE, backoff);
    backoff =
        backoff.multipliedBy(2).compareTo(MAX_BACKOFF) < 0 ? backoff.multipliedBy(2) : MAX_BACKOFF;
    return Behaviors.same();
  }

  private Behavior<Object> onRetry() {
    read();
    return Behaviors.same();
  }

  private void read() {
    isReading = true;
    newestAtRead = newest;
    context.pipeToSelf(
        CompletableFuture.supplyAsync(this::nextEvents, blocking).thenCompose(this::publish),
        (advanced, failure) -> failure == null ? advanced : new Failed(failure));
  }

  /** Events after a position. */
  private record Slice(long after, List<JournalStore.StoredEvent> events) {}

  private Slice nextEvents() {
    long after =
        position >= 0
            ? position
            : journal.position(publication.publisher(), collector, sequenceAtStart);
    return new Slice(
        after, journal.eventsAfter(Collector.persistenceId(collector), after, EVENTS_AT_ONCE));
  }

  private CompletionStage<Progress> publish(Slice slice) {
    if (slice.events().isEmpty()) {
      return CompletableFuture.completedStage(new Advanced(slice.after(), true));
    }
    List<JournalEvents.Recorded> samples = new ArrayList<>();
    for (JournalStore.StoredEvent event : slice.events()) {
      samples.addAll(JournalEvents.of(event.payload()).samples(publication::takes));
    }
    Set<Integer> series = new HashSet<>();
    Set<UUID> metadata = new HashSet<>();
    for (JournalEvents.Recorded sample : samples) {
      series.add(sample.series());
      metadata.add(sample.metadata());
    }
    long last = slice.events().get(slice.events().size() - 1).sequence();
    return AskPattern.<Collector.Command, Collector.Described>ask(
            describer,
            replyTo -> new Collector.Describe(series, metadata, replyTo),
            PATIENCE,
            context.getSystem().scheduler())
        .thenApplyAsync(
            described -> {
              metadata.removeAll(described.metadata().keySet());
              Map<UUID, Metadata> texts = new HashMap<>(described.metadata());
              texts.putAll(queries.metadata(metadata));
              handOver(samples, described.series(), texts);
              journal.advance(publication.publisher(), collector, last);
              return new Advanced(last, false);
            },
            blocking);
  }

  private void handOver(
      List<JournalEvents.Recorded> samples,
      Map<Integer, Series> series,
      Map<UUID, Metadata> texts) {
    if (samples.isEmpty()) {
      return;
    }
    List<Publisher.Outgoing> outgoing = new ArrayList<>(samples.size());
    for (JournalEvents.Recorded recorded : samples) {
      Series of = series.get(recorded.series());
      outgoing.add(
          new Publisher.Outgoing(
              SampleId.of(of, recorded.timestamp(), recorded.key()),
              new Sample(
                  of,
                  recorded.timestamp(),
                  recorded.volume(),
                  recorded.key(),
                  texts.get(recorded.metadata())),
              recorded.recordedAt()));
    }
    try {
      publisher.publish(outgoing);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
