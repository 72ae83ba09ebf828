package io.sonde.collector;

import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.series.Head;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which samples are new, and gathers them until the next commit. Newer than all that is
 * known of its series: new. Else a copy has its original's timestamp, so it is looked for where the
 * original must lie: among the gathered ones, in the head, in what flushes took out lately, and,
 * where chunk rows cover its time, in those. This stands outside the collector's state: nothing in
 * it is promised to anybody.
 */
final class Admission {
  /**
   * An event is closed before it may grow beyond this size. A giant series or sample may be an
   * event by itself, and is still smaller.
   */
  static final int EVENT_BYTES = 200 * 1024;

  private static final int UNRESOLVED = -1;

  /**
   * What became of a batch.
   *
   * @param receipt to be given when the gathered samples are committed
   * @param waits whether any sample of it, or the original of a copy, is among the gathered ones
   */
  record Admitted(Receipt receipt, boolean waits) {}

  private final Map<Series, Integer> newSeries = new HashMap<>();
  private final List<EventBlock.Builder> events = new ArrayList<>();
  private final Gathered gathered = new Gathered(events);
  private long weight;

  private SampleBatch batch = SampleBatch.EMPTY;
  // By place in the dictionary of the batch at hand; kept, so that a batch leaves no garbage.
  private Head.Entry[] entries = {};
  private int[] numbers = {};

  /** What is gathered, in samples: see {@link SampleBatch#weight}. */
  long weight() {
    return weight;
  }

  /** The gathered samples in events; the admission is empty after it. */
  List<EventBlock.Builder> take() {
    List<EventBlock.Builder> taken = List.copyOf(events);
    events.clear();
    newSeries.clear();
    gathered.clear();
    weight = 0;
    return taken;
  }

  /** Takes a batch to hand: what follows is about it, until the head changes. */
  Admission open(SampleBatch next, Head head) {
    batch = next;
    int count = batch.seriesCount();
    if (entries.length < count) {
      entries = new Head.Entry[count];
      numbers = new int[count];
    }
    Head.Entry before = null;
    for (int ref = 0; ref < count; ref++) {
      Head.Entry entry = head.entry(batch.seriesAt(ref), before);
      before = entry == null ? before : entry;
      entries[ref] = entry;
      numbers[ref] = entry == null ? UNRESOLVED : entry.number();
    }
    return this;
  }

  /** Which samples of the batch need a look into chunk rows before they can be decided. */
  Doubtful doubtful(Past past) {
    Doubtful doubtful = new Doubtful();
    for (int i = 0; i < batch.size(); i++) {
      Head.Entry entry = entries[batch.seriesRef(i)];
      long timestamp = batch.timestamp(i);
      if (entry != null
          && timestamp <= entry.flushedTo()
          && past.inMemory(entry, timestamp, batch.key(i)) == null) {
        doubtful.add(entry.number(), timestamp);
      }
    }
    return doubtful;
  }

  /**
   * Gathers the new samples of the batch.
   *
   * @param past holds the chunks that cover those samples that were doubtful
   */
  Admitted admit(String sink, Past past) {
    int accepted = 0;
    int duplicate = 0;
    int conflicting = 0;
    boolean waits = false;
    for (int i = 0; i < batch.size(); i++) {
      int ref = batch.seriesRef(i);
      Head.Entry entry = entries[ref];
      long timestamp = batch.timestamp(i);
      long key = batch.key(i);
      if (entry == null || timestamp <= entry.newest()) {
        int number = number(ref);
        Double known = number == UNRESOLVED ? null : gathered.find(number, timestamp, key);
        if (known != null) {
          waits = true;
        } else if (entry != null) {
          known = past.find(entry, timestamp, key);
        }
        if (known != null) {
          duplicate++;
          conflicting += key == SampleKey.NONE && known != batch.volume(i) ? 1 : 0;
          continue;
        }
      }
      gather(sink, i, past.head());
      waits = true;
      accepted++;
    }
    return new Admitted(new Receipt(accepted, duplicate, conflicting), waits);
  }

  /** The number of a series that is known or was gathered, else {@link #UNRESOLVED}. */
  private int number(int ref) {
    if (numbers[ref] == UNRESOLVED) {
      // Asked each time: the dictionary may hold a series twice.
      numbers[ref] = newSeries.getOrDefault(batch.seriesAt(ref), UNRESOLVED);
    }
    return numbers[ref];
  }

  private void gather(String sink, int i, Head head) {
    int ref = batch.seriesRef(i);
    if (number(ref) == UNRESOLVED) {
      Series series = batch.seriesAt(ref);
      numbers[ref] = head.nextNumber() + newSeries.size();
      newSeries.put(series, numbers[ref]);
      event(EncodedBytes.atMost(series)).define(numbers[ref], series);
    }
    EventBlock.Builder event = event(EncodedBytes.SAMPLE);
    int metadata = event.ref(batch.metadata(i));
    if (metadata < 0) {
      event = event(EncodedBytes.SAMPLE + EncodedBytes.atMost(batch.metadata(i)));
      metadata = event.enter(batch.metadata(i));
      weight += SampleBatch.weight(batch.metadata(i));
    }
    event.add(
        event.ref(sink), numbers[ref], batch.timestamp(i), batch.volume(i), batch.key(i), metadata);
    if (entries[ref] != null) {
      entries[ref].noteGathered(batch.timestamp(i));
    }
    weight++;
  }

  /** The open event, or a new one where so many bytes do not fit. */
  private EventBlock.Builder event(int more) {
    if (events.isEmpty() || events.get(events.size() - 1).bytes() + more > EVENT_BYTES) {
      events.add(new EventBlock.Builder());
    }
    return events.get(events.size() - 1);
  }
}
