package io.sonde.query;

import io.sonde.collector.Collector;
import io.sonde.collector.JournalEvents;
import io.sonde.collector.JournalEvents.Recorded;
import io.sonde.collector.JournalWords;
import io.sonde.store.JournalStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the end of the journal of one collector for the live streams of this node, while there are
 * any. One turn is under way at a time, so what turns alone touch needs no lock.
 */
final class LiveTail {
  private static final Logger LOG = LoggerFactory.getLogger(LiveTail.class);

  /** How long new samples may lie in the journal before they are looked for. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private record Joining(LiveStream stream, CompletableFuture<LiveStream> joined) {}

  private final String journalId;
  private final JournalStore journal;
  private final Supplier<JournalWords> newWords;
  private final ExecutorService threads;

  // Guarded by this.
  private final Queue<Joining> joining = new ArrayDeque<>();
  private boolean isRunning;

  // Of the turns alone.
  private final Map<LiveStream, Long> starts = new LinkedHashMap<>();
  private long position;
  private JournalWords words;
  private FlatValues flat;
  private boolean isFailing;

  /**
   * Of one collector; nothing is read yet.
   *
   * @param threads run its turns, which block
   */
  LiveTail(
      int collector,
      JournalStore journal,
      Supplier<JournalWords> newWords,
      ExecutorService threads) {
    this.journalId = Collector.persistenceId(collector);
    this.journal = journal;
    this.newWords = newWords;
    this.threads = threads;
  }

  /** From the answer on the stream is offered all that the collector stores after the call. */
  synchronized CompletionStage<LiveStream> join(LiveStream stream) {
    CompletableFuture<LiveStream> joined = new CompletableFuture<>();
    joining.add(new Joining(stream, joined));
    if (!isRunning) {
      isRunning = true;
      threads.execute(this::turn);
    }
    return joined;
  }

  private void turn() {
    Duration pause;
    try {
      starts.keySet().removeIf(LiveStream::isOver);
      admit();
      pause = !starts.isEmpty() && read() ? Duration.ZERO : PAUSE;
      isFailing = false;
    } catch (RuntimeException e) {
      if (!isFailing && !threads.isShutdown()) {
        LOG.warn("live streams wait for the journal of {}: {}", journalId, e.toString());
      }
      isFailing = true;
      pause = PAUSE_AFTER_FAILURE;
    }
    goOn(pause);
  }

  private synchronized void goOn(Duration pause) {
    isRunning = (!starts.isEmpty() || !joining.isEmpty()) && !threads.isShutdown();
    if (isRunning) {
      CompletableFuture.delayedExecutor(
              joining.isEmpty() ? pause.toMillis() : 0, TimeUnit.MILLISECONDS, threads)
          .execute(this::turn);
    } else {
      words = null;
      flat = null;
    }
  }

  /** The end is read after they were heard of, and before they are told so. */
  private void admit() {
    List<Joining> all;
    synchronized (this) {
      joining.removeIf(one -> one.stream().isOver());
      all = List.copyOf(joining);
    }
    if (all.isEmpty()) {
      return;
    }
    long end = journal.end(journalId);
    if (starts.isEmpty()) {
      position = end;
      words = newWords.get();
      flat = new FlatValues();
    }
    synchronized (this) {
      joining.removeAll(all);
    }
    for (Joining one : all) {
      starts.put(one.stream(), end);
      one.joined().complete(one.stream());
    }
  }

  /** Whether there was anything. */
  private boolean read() {
    List<JournalStore.StoredEvent> events = journal.eventsAfter(journalId, position);
    for (JournalStore.StoredEvent event : events) {
      List<LiveStream> streams =
          starts.entrySet().stream()
              .filter(stream -> stream.getValue() < event.sequence())
              .map(Map.Entry::getKey)
              .toList();
      offer(JournalEvents.of(event.payload()).samples(sink -> true), streams);
      position = event.sequence();
    }
    return !events.isEmpty();
  }

  /** Offers nothing unless all is known that they have to be offered. */
  private void offer(List<Recorded> samples, List<LiveStream> streams) {
    Set<Integer> numbers = new HashSet<>();
    samples.forEach(sample -> numbers.add(sample.series()));
    Map<Integer, JournalWords.Known> series = words.of(numbers, Set.of()).series();
    List<Map<Integer, Condition>> left = new ArrayList<>();
    Set<Integer> wanted = new HashSet<>();
    for (LiveStream stream : streams) {
      Map<Integer, Condition> bySeries = new HashMap<>();
      series.forEach((number, known) -> put(number, known, stream.filter(), bySeries));
      left.add(bySeries);
      wanted.addAll(bySeries.keySet());
    }
    Set<UUID> ids = new HashSet<>();
    for (Recorded sample : samples) {
      if (wanted.contains(sample.series())) {
        ids.add(sample.metadata());
      }
    }
    JournalWords.Words known = new JournalWords.Words(series, words.of(Set.of(), ids).metadata());
    StoredSample[] described = new StoredSample[samples.size()];
    for (int i = 0; i < streams.size(); i++) {
      streams.get(i).offer(matching(samples, left.get(i), known, described));
    }
  }

  /** Notes what is left of a filter for a series, unless that is out of the question. */
  private static void put(
      int number, JournalWords.Known known, SampleFilter filter, Map<Integer, Condition> left) {
    if (filter.series().matches(known.series())) {
      Condition rest = Evaluator.bySeries(filter.rest(), known.series());
      if (!rest.equals(Condition.Or.FALSE)) {
        left.put(number, rest);
      }
    }
  }

  /** Streams share the samples that several of them ask for. */
  private List<StoredSample> matching(
      List<Recorded> samples,
      Map<Integer, Condition> left,
      JournalWords.Words known,
      StoredSample[] described) {
    List<StoredSample> matching = new ArrayList<>();
    for (int i = 0; i < described.length; i++) {
      Recorded sample = samples.get(i);
      Condition rest = left.get(sample.series());
      if (rest != null
          && (rest.equals(Condition.And.TRUE)
              || Evaluator.byMetadata(rest, flat.of(sample.metadata(), known.metadata())))) {
        if (described[i] == null) {
          described[i] =
              new StoredSample(known.id(sample), known.sample(sample), sample.recordedAt());
        }
        matching.add(described[i]);
      }
    }
    return matching;
  }
}
