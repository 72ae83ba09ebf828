package io.sonde.collector;

import io.sonde.series.Head;
import io.sonde.series.SeriesDay;
import io.sonde.store.CollectorStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is done to chunk rows after they were written: the rows of a day are merged into one, and
 * those that are too old are dropped. One piece of work at a time; each is whole by itself, so one
 * that fails is simply done again later.
 */
final class Upkeep {
  /** Days that one transaction merges. */
  private static final int DAYS_AT_ONCE = 256;

  /** One piece of work. */
  sealed interface Work {
    /** Does it. Blocks. */
    void run(CollectorStore store, int collector);
  }

  /** Merges the rows of these days, see {@link Head#worn}. */
  record Merge(Map<SeriesDay, Long> days) implements Work {
    @Override
    public void run(CollectorStore store, int collector) {
      CollectorMetrics.MERGED_ROWS.inc(store.merge(collector, List.copyOf(days.keySet())));
    }
  }

  /** Drops the rows of series, by number, that hold nothing from the cutoff on. */
  record Drop(Map<Long, List<Integer>> byCutoff) implements Work {
    @Override
    public void run(CollectorStore store, int collector) {
      byCutoff.forEach(
          (cutoff, numbers) ->
              CollectorMetrics.DROPPED_ROWS.inc(
                  store.drop(collector, numbers.toArray(new Integer[0]), cutoff)));
    }
  }

  private final Retention retention;
  private boolean isBusy;
  private boolean isDropDue;

  Upkeep(Retention retention) {
    this.retention = retention;
  }

  /** It is time to look for what is too old; done as soon as nothing else is under way. */
  void dropIsDue() {
    isDropDue = true;
  }

  /**
   * The next piece of work, or null when there is none or one is under way.
   *
   * @param mayMerge whether rows are what the head believes them to be
   */
  Work next(Head head, boolean mayMerge) {
    if (isBusy) {
      return null;
    }
    if (isDropDue) {
      isDropDue = false;
      Drop drop = drop(head);
      if (drop != null) {
        return drop;
      }
    }
    return mayMerge ? merge(head) : null;
  }

  private Merge merge(Head head) {
    if (head.worn().isEmpty()) {
      return null;
    }
    isBusy = true;
    Map<SeriesDay, Long> days = new HashMap<>();
    head.worn().entrySet().stream()
        .limit(DAYS_AT_ONCE)
        .forEach(day -> days.put(day.getKey(), day.getValue()));
    return new Merge(days);
  }

  /** What is too old now, or null when nothing can be. */
  private Drop drop(Head head) {
    if (retention.isEmpty()) {
      return null;
    }
    Map<Long, List<Integer>> byCutoff = new HashMap<>();
    for (Head.Entry entry : head.entries()) {
      if (entry.flushedTo() != Head.NOTHING) {
        long cutoff = retention.cutoff(entry.series().meter());
        if (cutoff != Retention.FOR_EVER) {
          byCutoff.computeIfAbsent(cutoff, time -> new ArrayList<>()).add(entry.number());
        }
      }
    }
    if (byCutoff.isEmpty()) {
      return null;
    }
    isBusy = true;
    return new Drop(byCutoff);
  }

  /** A piece of work has ended, well or not. */
  void ended() {
    isBusy = false;
  }

  /** How often rows are looked at that may be too old. */
  static Duration dropInterval() {
    return Duration.ofHours(1);
  }
}
