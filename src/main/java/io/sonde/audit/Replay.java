package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.CollectorSettings;
import io.sonde.collector.JournalEvents;
import io.sonde.collector.Rebuild;
import io.sonde.collector.Retention;
import io.sonde.model.Series;
import io.sonde.series.CorruptDataException;
import io.sonde.store.ChunkRow;
import io.sonde.store.Database;
import io.sonde.store.JournalStore;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.OriginStore;
import io.sonde.store.ReplayStore;
import io.sonde.store.ReplayStore.Cursor;
import io.sonde.store.ReplayStore.Moved;
import io.sonde.store.ReplayStore.Stand;
import io.sonde.store.ReplayStore.Text;
import io.sonde.store.ReplayStore.View;
import io.sonde.store.SeriesRow;
import io.sonde.store.Slots;
import io.sonde.store.StartupException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Rebuilds a read model in another database from the journals alone, and compares it with the live
 * one. The server may go on meanwhile: each collector is compared as it was at one moment. What was
 * rebuilt before stays, so a replay that was broken off goes on from there. Blocks.
 */
public final class Replay {
  /**
   * What is compared.
   *
   * @param from microseconds, inclusive
   * @param to microseconds, exclusive
   * @param resources their ids; all where there is none
   */
  public record Part(long from, long to, Set<String> resources) {
    /** Everything. */
    public static final Part ALL = new Part(Long.MIN_VALUE, Long.MAX_VALUE, Set.of());

    boolean has(Series series) {
      return resources.isEmpty() || resources.contains(series.resourceId());
    }

    boolean has(long timestamp) {
      return timestamp >= from && (timestamp < to || to == Long.MAX_VALUE);
    }
  }

  private final Database source;
  private final Database target;
  private final CollectorSettings settings;
  private final Retention retention;
  private final Part part;
  private final Consumer<Difference> told;
  private final JournalStore journal;
  private final LongAdder events = new LongAdder();
  private final LongAdder replayed = new LongAdder();
  private final LongAdder compared = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder unflushed = new LongAdder();
  private final LongAdder differences = new LongAdder();

  /**
   * A replay.
   *
   * @param source with the journals, and the read model to be proved
   * @param target where the read model is rebuilt: empty, or what an earlier replay has left
   * @param retention what the live side may have dropped
   * @param differences is told each, by several threads
   */
  public Replay(
      Database source,
      Database target,
      CollectorSettings settings,
      Retention retention,
      Part part,
      Consumer<Difference> differences) {
    this.source = source;
    this.target = target;
    this.settings = settings;
    this.retention = retention;
    this.part = part;
    this.told = differences;
    this.journal = new JournalStore(source);
  }

  /** Events that were replayed up to now, without those of an earlier replay. */
  public long events() {
    return events.sum();
  }

  /** Their samples. */
  public long replayed() {
    return replayed.sum();
  }

  /** Samples that were compared up to now. */
  public long compared() {
    return compared.sum();
  }

  /** Samples that only the journal has, as they became too old. */
  public long dropped() {
    return dropped.sum();
  }

  /** Samples behind the last flush, of which there is no row yet to compare. */
  public long unflushed() {
    return unflushed.sum();
  }

  /** Differences up to now. */
  public long differences() {
    return differences.sum();
  }

  private void differ(Difference difference) {
    differences.increment();
    told.accept(difference);
  }

  /**
   * Does it.
   *
   * @param threads collectors at once; each takes two connections of either database
   * @throws StartupException when it cannot be told whether both are equal
   */
  public void run(int threads) {
    Slots slots =
        Slots.load(source)
            .orElseThrow(() -> new StartupException("the database is new: it has no journal"));
    ReplayStore replays = new ReplayStore(target);
    replays.adopt(source.id(), slots);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int collector = 0; collector < slots.collectors(); collector++) {
        int one = collector;
        all.add(pool.submit(() -> replay(one)));
      }
      for (Future<?> one : all) {
        await(one);
      }
    } finally {
      pool.shutdownNow();
    }
    if (slots.movedTo(Slots.load(source).orElseThrow()) > 0) {
      throw new StartupException("the number of collectors was raised meanwhile: try again");
    }
    compareMoved(replays);
    for (int collector = 0; collector < slots.collectors(); collector++) {
      new Rebuild(target, collector, settings).takeOver(replays.formerlyFlushedTo(collector));
    }
    compareMetadata();
  }

  private static void await(Future<?> one) {
    try {
      one.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted", e);
    }
  }

  private void replay(int collector) {
    try {
      new OneCollector(collector).run();
    } catch (BrokenInViewException e) {
      differ(e.broken);
    } catch (BrokenChainException e) {
      differ(e);
    } catch (CorruptDataException e) {
      differ(new Difference("collector " + collector, "a journal without damage", e.getMessage()));
    }
  }

  private void differ(BrokenChainException e) {
    differ(
        new Difference(
            "collector %d, event %d".formatted(e.collector(), e.sequence()),
            e.expected(),
            e.found()));
  }

  /** One collector's part of the work. */
  private final class OneCollector {
    private final int collector;
    private final String journalId;
    private final Rebuild rebuild;
    private final Chain chain;

    private OneCollector(int collector) {
      this.collector = collector;
      this.journalId = Collector.persistenceId(collector);
      this.rebuild = new Rebuild(target, collector, settings);
      this.chain =
          new Chain(
              collector,
              rebuild.sequence() == 0
                  ? Chain.Head.NONE
                  : new Chain.Head(rebuild.sequence(), rebuild.hash()));
    }

    private void run() throws BrokenChainException {
      requireSameJournal();
      // Most of the work comes before the view, which keeps PostgreSQL from cleaning up.
      followTo(flushed());
      Stand live =
          new ReplayStore(source)
              .view(
                  view -> {
                    Stand stand = view.stand(collector, journalId);
                    try {
                      followTo(stand.flushed());
                    } catch (BrokenChainException e) {
                      throw new BrokenInViewException(e);
                    }
                    rebuild.finish();
                    new ReplayStore(target).view(rebuilt -> compare(rebuilt, view, stand));
                    return stand;
                  });
      copyTo(live.end());
    }

    private long flushed() {
      return new OriginStore(source).flushed(collector).orElse(0);
    }

    /** What is in the target already must come from this journal. */
    private void requireSameJournal() {
      JournalStore copies = new JournalStore(target);
      if (rebuild.sequence() > 0) {
        List<StoredEvent> last = journal.eventsAfter(journalId, rebuild.sequence() - 1);
        if (last.isEmpty()
            || last.get(0).sequence() != rebuild.sequence()
            || !Arrays.equals(JournalEvents.hash(last.get(0).payload()), rebuild.hash())
            || rebuild.sequence() > flushed()) {
          throw notFromHere();
        }
      }
      long at = rebuild.sequence();
      for (long end = copies.end(journalId); at < end; ) {
        List<StoredEvent> copied = copies.eventsAfter(journalId, at);
        List<StoredEvent> originals = journal.eventsAfter(journalId, at);
        for (int i = 0; i < copied.size(); i++) {
          if (originals.size() <= i
              || !Arrays.equals(copied.get(i).payload(), originals.get(i).payload())) {
            throw notFromHere();
          }
          at = copied.get(i).sequence();
        }
      }
    }

    private StartupException notFromHere() {
      return new StartupException(
          "what the database to rebuild into has of collector %d up to event %d is not of this journal: an empty database was expected"
              .formatted(collector, rebuild.sequence()));
    }

    private void followTo(long sequence) throws BrokenChainException {
      while (rebuild.sequence() < sequence) {
        for (StoredEvent event : next()) {
          if (rebuild.sequence() == sequence) {
            return;
          }
          JournalEvents said = chain.follow(event);
          rebuild.apply(event, said, chain.head().hash());
          events.increment();
          replayed.add(said.size());
        }
      }
    }

    /** One event at least, as there must be more. */
    private List<StoredEvent> next() throws BrokenChainException {
      long before = chain.head().sequence();
      List<StoredEvent> next = journal.eventsAfter(journalId, before);
      if (next.isEmpty()) {
        throw new BrokenChainException(
            collector, before + 1, "event " + (before + 1), "the end of the journal");
      }
      return next;
    }

    /** A server that is started on the target applies them. */
    private void copyTo(long end) throws BrokenChainException {
      while (chain.head().sequence() < end) {
        for (StoredEvent event : next()) {
          if (event.sequence() > end) {
            break;
          }
          unflushed.add(chain.follow(event).size());
          rebuild.copy(event);
        }
      }
      rebuild.writeEvents();
    }

    private Void compare(View rebuilt, View live, Stand stand) {
      Map<Integer, Series> series = new HashMap<>();
      for (SeriesRow row : rebuilt.series(collector)) {
        series.put(row.number(), row.series());
      }
      compareSeries(series, live.series(collector));
      Comparison comparison =
          new Comparison(series, part, retention, Replay.this::differ, compared::add);
      try (Cursor<ChunkRow> expected = rebuilt.chunks(collector, part.from(), part.to());
          Cursor<ChunkRow> found = live.chunks(collector, part.from(), part.to())) {
        comparison.run(
            new DayReader(expected, Map.of()),
            new DayReader(
                found,
                stand.snapshot() == null ? Map.of() : JournalEvents.openBlocks(stand.snapshot())));
      }
      dropped.add(comparison.dropped());
      return null;
    }

    private void compareSeries(Map<Integer, Series> expected, List<SeriesRow> live) {
      Map<Integer, Series> found = new HashMap<>();
      live.forEach(row -> found.put(row.number(), row.series()));
      Set<Integer> numbers = new TreeSet<>(expected.keySet());
      numbers.addAll(found.keySet());
      for (int number : numbers) {
        Series due = expected.get(number);
        Series is = found.get(number);
        if (due == null || !due.equals(is)) {
          differ(
              new Difference(
                  "series %d of collector %d".formatted(number, collector),
                  due == null ? "nothing" : Difference.describe(due),
                  is == null ? "nothing" : Difference.describe(is)));
        }
      }
    }
  }

  /** Carries a broken chain out of a view. */
  private static final class BrokenInViewException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final BrokenChainException broken;

    private BrokenInViewException(BrokenChainException broken) {
      super(broken);
      this.broken = broken;
    }
  }

  private void compareMoved(ReplayStore replays) {
    replays.noteMoved();
    Set<Moved> expected = replays.moved();
    Set<Moved> found = new ReplayStore(source).moved();
    Set<Moved> missing = new HashSet<>(expected);
    missing.removeAll(found);
    Set<Moved> surplus = new HashSet<>(found);
    surplus.removeAll(expected);
    missing.forEach(one -> differ(new Difference("moved series", one.toString(), "nothing")));
    surplus.forEach(one -> differ(new Difference("moved series", "nothing", one.toString())));
  }

  /** What samples refer to; the live side has more, of what came since. */
  private void compareMetadata() {
    new ReplayStore(target)
        .view(rebuilt -> new ReplayStore(source).view(live -> compareMetadata(rebuilt, live)));
  }

  private Void compareMetadata(View rebuilt, View live) {
    try (Cursor<Text> expected = rebuilt.metadata();
        Cursor<Text> found = live.metadata()) {
      Text is = found.next();
      for (Text due = expected.next(); due != null; due = expected.next()) {
        while (is != null && compare(is, due) < 0) {
          is = found.next();
        }
        if (is == null || !is.equals(due)) {
          boolean isThere = is != null && is.id().equals(due.id());
          differ(
              new Difference("metadata " + due.id(), due.body(), isThere ? is.body() : "nothing"));
        }
      }
    }
    return null;
  }

  /** As PostgreSQL sorts them: by their bytes. */
  private static int compare(Text a, Text b) {
    int order =
        Long.compareUnsigned(a.id().getMostSignificantBits(), b.id().getMostSignificantBits());
    return order != 0
        ? order
        : Long.compareUnsigned(a.id().getLeastSignificantBits(), b.id().getLeastSignificantBits());
  }
}
