package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.series.Block;
import io.sonde.series.Columns;
import io.sonde.series.Generation;
import io.sonde.series.Head;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Decides which samples are new, and gathers them until the next commit. A copy has its original's
 * timestamp, so it is looked for where the original must lie: among the gathered ones, in the head,
 * in what flushes took out lately, and, where chunk rows cover its time, in those. This stands
 * outside the collector's state: nothing in it is promised to anybody.
 */
final class Admission {
  /**
   * An event is closed before it may grow beyond this size. A giant series or sample may be an
   * event by itself, and is still smaller.
   */
  static final int EVENT_BYTES = 200 * 1024;

  private static final UUID ANY_METADATA = Metadata.EMPTY.id();

  /** A series with samples that are gathered and not yet committed. */
  private static final class Pending {
    private final int number;
    private final Block samples = new Block();

    private Pending(int number) {
      this.number = number;
    }
  }

  /** Samples that cannot be decided from memory. */
  record Doubtful(List<Integer> series, List<Long> timestamps) {
    boolean isEmpty() {
      return series.isEmpty();
    }
  }

  /**
   * What became of a batch.
   *
   * @param receipt to be given when the gathered samples are committed
   * @param waits whether any sample of it, or the original of a copy, is among the gathered ones
   */
  record Admitted(Receipt receipt, boolean waits) {}

  private final Map<Series, Pending> pending = new HashMap<>();
  private final List<EventBlock.Builder> events = new ArrayList<>();
  private int samples;
  private int newSeries;

  /** Number of samples that are gathered. */
  int samples() {
    return samples;
  }

  /** The gathered samples in events; the admission is empty after it. */
  List<EventBlock.Builder> take() {
    List<EventBlock.Builder> taken = List.copyOf(events);
    events.clear();
    pending.clear();
    samples = 0;
    newSeries = 0;
    return taken;
  }

  /** Which samples of a batch need a look into chunk rows before they can be decided. */
  Doubtful doubtful(SampleBatch batch, Head head, List<Generation> flushed) {
    Doubtful doubtful = new Doubtful(new ArrayList<>(), new ArrayList<>());
    Head.Entry[] entries = entries(batch, head);
    for (int i = 0; i < batch.size(); i++) {
      Head.Entry entry = entries[batch.seriesRef(i)];
      long timestamp = batch.timestamp(i);
      if (entry != null
          && timestamp <= entry.flushedTo()
          && entry.block().find(timestamp, batch.key(i)) < 0
          && find(flushed, entry.number(), timestamp, batch.key(i)) == null) {
        doubtful.series().add(entry.number());
        doubtful.timestamps().add(timestamp);
      }
    }
    return doubtful;
  }

  /**
   * Gathers the new samples of a batch.
   *
   * @param covering by series number: the chunks that cover those samples that were doubtful
   */
  Admitted admit(
      String sink,
      SampleBatch batch,
      Head head,
      List<Generation> flushed,
      Map<Integer, List<Columns>> covering) {
    Head.Entry[] entries = entries(batch, head);
    Pending[] pendings = new Pending[batch.seriesCount()];
    int accepted = 0;
    int duplicate = 0;
    int conflicting = 0;
    boolean waits = false;
    for (int i = 0; i < batch.size(); i++) {
      int ref = batch.seriesRef(i);
      if (pendings[ref] == null) {
        pendings[ref] = pending.get(batch.seriesAt(ref));
      }
      long timestamp = batch.timestamp(i);
      long key = batch.key(i);
      Double known = null;
      if (pendings[ref] != null) {
        int at = pendings[ref].samples.find(timestamp, key);
        if (at >= 0) {
          known = pendings[ref].samples.volume(at);
          waits = true;
        }
      }
      if (known == null && entries[ref] != null) {
        known = find(entries[ref], timestamp, key, flushed, covering);
      }
      if (known != null) {
        duplicate++;
        conflicting += key == SampleKey.NONE && known != batch.volume(i) ? 1 : 0;
        continue;
      }
      if (pendings[ref] == null) {
        pendings[ref] = begin(batch.seriesAt(ref), entries[ref], head);
      }
      gather(sink, batch, i, pendings[ref]);
      waits = true;
      accepted++;
    }
    return new Admitted(new Receipt(accepted, duplicate, conflicting), waits);
  }

  private void gather(String sink, SampleBatch batch, int i, Pending to) {
    to.samples.add(batch.timestamp(i), batch.volume(i), batch.key(i), ANY_METADATA, 0);
    Metadata metadata = batch.metadata(i);
    boolean isEntered = !events.isEmpty() && events.get(events.size() - 1).holds(metadata);
    event(EncodedBytes.SAMPLE + (isEntered ? 0 : EncodedBytes.atMost(metadata)))
        .add(sink, to.number, batch.timestamp(i), batch.volume(i), batch.key(i), metadata);
    samples++;
  }

  private Pending begin(Series series, Head.Entry entry, Head head) {
    int number = entry != null ? entry.number() : head.nextNumber() + newSeries++;
    Pending begun = new Pending(number);
    pending.put(series, begun);
    if (entry == null) {
      event(EncodedBytes.atMost(series)).define(number, series);
    }
    return begun;
  }

  /** The open event, or a new one where so many bytes do not fit. */
  private EventBlock.Builder event(int more) {
    if (events.isEmpty() || events.get(events.size() - 1).bytes() + more > EVENT_BYTES) {
      events.add(new EventBlock.Builder());
    }
    return events.get(events.size() - 1);
  }

  private static Double find(
      Head.Entry entry,
      long timestamp,
      long key,
      List<Generation> flushed,
      Map<Integer, List<Columns>> covering) {
    int at = entry.block().find(timestamp, key);
    if (at >= 0) {
      return entry.block().volume(at);
    }
    if (timestamp > entry.flushedTo()) {
      return null;
    }
    Double inGeneration = find(flushed, entry.number(), timestamp, key);
    if (inGeneration != null) {
      return inGeneration;
    }
    for (Columns chunk : covering.getOrDefault(entry.number(), List.of())) {
      int place = chunk.find(timestamp, key);
      if (place >= 0) {
        return chunk.volume(place);
      }
    }
    return null;
  }

  private static Double find(List<Generation> flushed, int number, long timestamp, long key) {
    for (Generation generation : flushed) {
      Columns columns = generation.leaving().get(number);
      int at = columns == null ? -1 : columns.find(timestamp, key);
      if (at >= 0) {
        return columns.volume(at);
      }
    }
    return null;
  }

  private static Head.Entry[] entries(SampleBatch batch, Head head) {
    Head.Entry[] entries = new Head.Entry[batch.seriesCount()];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = head.entry(batch.seriesAt(i));
    }
    return entries;
  }
}
