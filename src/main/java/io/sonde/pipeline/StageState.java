package io.sonde.pipeline;

import io.sonde.model.SampleBatch;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * What a stage knows: the newest reading of each key, and the outbox, which is every emitted sample
 * that was not known to be delivered when the last event was written. It is mutable and belongs to
 * its stage alone.
 */
final class StageState {
  /**
   * The state before the first event. It never changes: Akka hands the same object to a stage that
   * starts again after a failed write, and the event handler has run by then.
   */
  static final StageState EMPTY = new StageState();

  private static final int VERSION = 1;

  private final Map<StageKey, Reading> readings = new HashMap<>();
  private final ArrayDeque<Outgoing> outbox = new ArrayDeque<>();
  private long number;
  private long delivered;

  /**
   * Samples on their way out.
   *
   * @param number of the event that they came with
   */
  record Outgoing(long number, SampleBatch samples) {}

  private StageState() {}

  /** The event handler: takes over what the event says, decides nothing. */
  StageState apply(Advanced event) {
    StageState state = this == EMPTY ? new StageState() : this;
    state.readings.putAll(event.readings());
    if (!event.emitted().isEmpty()) {
      state.outbox.addLast(new Outgoing(event.number(), event.emitted()));
    }
    state.number = event.number();
    state.delivered = event.delivered();
    while (!state.outbox.isEmpty() && state.outbox.peekFirst().number() <= state.delivered) {
      state.outbox.removeFirst();
    }
    return state;
  }

  /** The newest reading of a key, or null. */
  Reading reading(StageKey key) {
    return readings.get(key);
  }

  int keys() {
    return readings.size();
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
    ByteWriter out = new ByteWriter(64 + readings.size() * 160);
    out.writeByte(VERSION).writeVarint(number).writeVarint(delivered);
    writeReadings(readings, out);
    out.writeVarint(outbox.size());
    for (Outgoing outgoing : outbox) {
      out.writeVarint(outgoing.number());
      BatchCodec.write(outgoing.samples(), out);
    }
    return new StageSnapshot(out.toByteArray());
  }

  static StageState of(StageSnapshot snapshot) {
    ByteReader in = new ByteReader(snapshot.bytes());
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptDataException("snapshot of a stage of unknown version " + version);
    }
    StageState state = new StageState();
    state.number = in.readVarint();
    state.delivered = in.readVarint();
    state.readings.putAll(readReadings(in));
    int waiting = in.readCount();
    for (int i = 0; i < waiting; i++) {
      state.outbox.addLast(new Outgoing(in.readVarint(), BatchCodec.read(in)));
    }
    return state;
  }

  static void writeReadings(Map<StageKey, Reading> readings, ByteWriter out) {
    out.writeVarint(readings.size());
    for (Map.Entry<StageKey, Reading> entry : readings.entrySet()) {
      out.writeVarint(entry.getKey().step());
      BatchCodec.writeSeries(entry.getKey().series(), out);
      out.writeSigned(entry.getValue().timestamp()).writeDouble(entry.getValue().volume());
    }
  }

  static Map<StageKey, Reading> readReadings(ByteReader in) {
    int count = in.readCount();
    Map<StageKey, Reading> readings = new HashMap<>(count * 2);
    for (int i = 0; i < count; i++) {
      StageKey key = new StageKey((int) in.readVarint(), BatchCodec.readSeries(in));
      readings.put(key, new Reading(in.readSigned(), in.readDouble()));
    }
    return readings;
  }
}
