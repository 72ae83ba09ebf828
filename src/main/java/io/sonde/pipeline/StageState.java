package io.sonde.pipeline;

import io.sonde.model.SampleBatch;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.FormatVersion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What a stage knows: the memory of each key, by which transformers it was made, and the outbox,
 * which is every emitted sample that was not known to be delivered when the last event was written.
 * It is mutable and belongs to its stage alone.
 */
final class StageState {
  /**
   * The state before the first event. It never changes: Akka hands the same object to a stage that
   * starts again after a failed write, and the event handler has run by then.
   */
  static final StageState EMPTY = new StageState();

  private static final int VERSION = 2;

  private final Map<StageKey, Remembered> keys = new HashMap<>();

  /** By number; null where none is. */
  private final List<Remembered> byNumber = new ArrayList<>();

  private final TreeSet<Integer> freeNumbers = new TreeSet<>();
  private final ArrayDeque<Outgoing> outbox = new ArrayDeque<>();
  private String definition = "";
  private boolean hasEvicted;
  private long number;
  private long delivered;

  /** A memory. Events name it by its number, which is shorter than its key. */
  static final class Remembered {
    private final StageKey key;
    private final int number;
    private byte[] memory;
    private long usedAt;

    private Remembered(StageKey key, int number) {
      this.key = key;
      this.number = number;
    }

    StageKey key() {
      return key;
    }

    int number() {
      return number;
    }

    byte[] memory() {
      return memory;
    }

    /** When it was changed last, in seconds since 1970. */
    long usedAt() {
      return usedAt;
    }
  }

  /**
   * A memory that changed.
   *
   * @param key null where the number is known already
   * @param memory null when it is forgotten here, because it is kept elsewhere or has no use
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Change(int number, StageKey key, byte[] memory) {}

  /**
   * Samples on their way out.
   *
   * @param number of the event that they came with
   * @param version of the definitions that they were made by
   */
  record Outgoing(long number, String version, SampleBatch samples) {}

  private StageState() {}

  /** The event handler: takes over what the event says, decides nothing. */
  StageState apply(Advanced event) {
    StageState state = this == EMPTY ? new StageState() : this;
    event.changes().forEach(change -> state.change(change, event.at()));
    if (event.definition() != null) {
      state.definition = event.definition();
    }
    state.hasEvicted |= event.isEviction();
    if (!event.emitted().isEmpty()) {
      state.outbox.addLast(new Outgoing(event.number(), event.version(), event.emitted()));
    }
    state.number = event.number();
    state.delivered = event.delivered();
    while (!state.outbox.isEmpty() && state.outbox.peekFirst().number() <= state.delivered) {
      state.outbox.removeFirst();
    }
    return state;
  }

  private void change(Change change, long at) {
    Remembered remembered =
        change.key() == null ? byNumber.get(change.number()) : enter(change.key(), change.number());
    if (change.memory() == null) {
      keys.remove(remembered.key);
      byNumber.set(remembered.number, null);
      freeNumbers.add(remembered.number);
    } else {
      remembered.memory = change.memory();
      remembered.usedAt = at;
    }
  }

  private Remembered enter(StageKey key, int place) {
    while (byNumber.size() <= place) {
      freeNumbers.add(byNumber.size());
      byNumber.add(null);
    }
    freeNumbers.remove(place);
    Remembered remembered = new Remembered(key, place);
    byNumber.set(place, remembered);
    keys.put(key, remembered);
    return remembered;
  }

  /** What is remembered under a key, or null. */
  Remembered get(StageKey key) {
    return keys.get(key);
  }

  /** What has a number, or null. */
  Remembered at(int place) {
    return byNumber.get(place);
  }

  Collection<Remembered> all() {
    return keys.values();
  }

  /** Numbers below {@link #numbers} that no key has. */
  NavigableSet<Integer> freeNumbers() {
    return Collections.unmodifiableNavigableSet(freeNumbers);
  }

  /** All numbers in use are below this. */
  int numbers() {
    return byNumber.size();
  }

  /** The transformers that the memories are of, as {@link SinkDefinition#definition} says it. */
  String definition() {
    return definition;
  }

  /** Whether memories were ever moved to where they are kept for idle series. */
  boolean hasEvicted() {
    return hasEvicted;
  }

  /** Number of the last event; they count from 1. */
  long number() {
    return number;
  }

  /** All emitted up to this event was delivered when the last event was written. */
  long delivered() {
    return delivered;
  }

  /** What is to be delivered after a recovery, in order. */
  Iterable<Outgoing> outbox() {
    return outbox;
  }

  StageSnapshot snapshot() {
    ByteWriter out = new ByteWriter(64 + keys.size() * 160);
    out.writeByte(VERSION).writeVarint(number).writeVarint(delivered);
    out.writeString(definition).writeByte(hasEvicted ? 1 : 0);
    out.writeVarint(keys.size());
    for (Remembered remembered : keys.values()) {
      out.writeVarint(remembered.number);
      write(remembered.key, out);
      out.writeVarint(remembered.memory.length).writeRaw(remembered.memory);
      out.writeVarint(remembered.usedAt);
    }
    out.writeVarint(outbox.size());
    for (Outgoing outgoing : outbox) {
      out.writeVarint(outgoing.number()).writeString(outgoing.version());
      BatchCodec.write(outgoing.samples(), out);
    }
    return new StageSnapshot(out.toByteArray());
  }

  static StageState of(StageSnapshot snapshot) {
    ByteReader in = new ByteReader(snapshot.bytes());
    int appended = FormatVersion.read(in, VERSION, "snapshot of a stage");
    StageState state = new StageState();
    state.number = in.readVarint();
    state.delivered = in.readVarint();
    state.definition = in.readText();
    state.hasEvicted = in.readByte() == 1;
    int keys = in.readCount();
    for (int i = 0; i < keys; i++) {
      int place = in.readNumber();
      Remembered remembered = state.enter(readKey(in), place);
      remembered.memory = in.readBytes();
      remembered.usedAt = in.readVarint();
    }
    int waiting = in.readCount();
    for (int i = 0; i < waiting; i++) {
      state.outbox.addLast(new Outgoing(in.readVarint(), in.readText(), BatchCodec.read(in)));
    }
    FormatVersion.end(in, appended, "a snapshot of a stage");
    return state;
  }

  static void write(StageKey key, ByteWriter out) {
    out.writeVarint(key.step());
    BatchCodec.writeSeries(key.series(), out);
  }

  static StageKey readKey(ByteReader in) {
    return new StageKey(in.readNumber(), BatchCodec.readSeries(in));
  }
}
