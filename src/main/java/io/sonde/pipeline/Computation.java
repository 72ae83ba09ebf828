package io.sonde.pipeline;

import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.pipeline.StageState.Change;
import io.sonde.pipeline.StageState.Remembered;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a group of samples through the chain, on top of a state that it does not touch, and cuts
 * what comes of it into events. What a sample changes and what it emits are in one event always.
 */
final class Computation {
  private static final Logger LOG = LoggerFactory.getLogger(Computation.class);

  /** Events are cut above this; with one more sample on top they stay below 256 kB. */
  private static final int EVENT_BYTES = 100_000;

  /** Of a key that is neither in the state nor elsewhere. */
  static final byte[] ABSENT = {};

  private final SinkDefinition sink;
  private final String version;
  private final StageState state;
  private final Map<StageKey, byte[]> recalled;
  private final long delivered;
  private final long now;

  /** What changed, over all events. */
  private final Map<StageKey, Pending> ahead = new HashMap<>();

  private final Iterator<Integer> freeNumbers;
  private int nextNumber;

  private final Set<StageKey> missing = new LinkedHashSet<>();
  private final Map<Skip, Integer> skipped = new EnumMap<>(Skip.class);
  private final List<Advanced> events = new ArrayList<>();
  private int emittedSamples;

  private List<TransformerDefinition> chain;
  private boolean isRedefining;
  private String definition;
  private List<Pending> changed = new ArrayList<>();
  private SampleBatch.Builder emitted = new SampleBatch.Builder(64);
  private int bytes;

  /** A memory that changed; null when it is forgotten. */
  private static final class Pending {
    private final StageKey key;
    private int number;
    private byte[] memory;

    /** Of the event that is to write the key; -1 where that is done. */
    private int keyIn = -1;

    /** The last event with a change. */
    private int changedIn = -1;

    private Pending(StageKey key, int number) {
      this.key = key;
      this.number = number;
    }
  }

  /**
   * A computation on a state.
   *
   * @param version of the definitions, to be written with what is emitted
   * @param recalled memories that are kept elsewhere; {@link #ABSENT} where it is known that none
   *     is
   * @param delivered all emitted up to this event is delivered, to be written with the events
   * @param now microseconds since 1970
   */
  Computation(
      SinkDefinition sink,
      String version,
      StageState state,
      Map<StageKey, byte[]> recalled,
      long delivered,
      long now) {
    this.sink = sink;
    this.version = version;
    this.state = state;
    this.recalled = recalled;
    this.delivered = delivered;
    this.now = now;
    this.chain = sink.transformers();
    this.freeNumbers = state.freeNumbers().iterator();
    this.nextNumber = state.numbers();
    if (!state.definition().equals(sink.definition())) {
      definition = sink.definition();
      bytes += definition.length();
    }
  }

  /**
   * Ends what the state holds of another definition of the sink: what its transformers held back
   * goes its way through them, and what the new ones cannot use is forgotten.
   *
   * @param before the transformers that the state's memories are of
   */
  Computation redefine(List<TransformerDefinition> before) {
    isRedefining = true;
    chain = before;
    for (int step = 0; step < before.size(); step++) {
      for (StageKey key : keysOf(step)) {
        release(key);
      }
    }
    chain = sink.transformers();
    for (int step = 0; step < before.size(); step++) {
      if (step >= chain.size() || !chain.get(step).name().equals(before.get(step).name())) {
        keysOf(step).forEach(key -> change(key, null));
      }
    }
    cut();
    isRedefining = false;
    return this;
  }

  private List<StageKey> keysOf(int step) {
    Set<StageKey> keys = new LinkedHashSet<>();
    for (Remembered remembered : state.all()) {
      if (remembered.key().step() == step) {
        keys.add(remembered.key());
      }
    }
    ahead.keySet().stream().filter(key -> key.step() == step).forEach(keys::add);
    return List.copyOf(keys);
  }

  /** Releases what is held under a key whose time has come. */
  void releaseDue(StageKey key) {
    byte[] memory = memory(key);
    if (memory != null && chain.get(key.step()).transformer().due(memory) <= now) {
      release(key);
    }
  }

  private void release(StageKey key) {
    byte[] memory = memory(key);
    if (memory == null) {
      return;
    }
    Transformer transformer = chain.get(key.step()).transformer();
    Outcome outcome;
    try {
      outcome = transformer.release(key.series(), memory);
    } catch (RuntimeException e) {
      LOG.warn("series={} released nothing, the transformer failed", key.series(), e);
      skipped.merge(Skip.FAILED, 1, Integer::sum);
      return;
    }
    follow(key, outcome, key.step());
    cutIfLarge();
  }

  Computation add(SampleBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      take(batch.sample(i), 0);
      cutIfLarge();
    }
    return this;
  }

  /**
   * Keys whose memory may be kept elsewhere. While there are any nothing else that is said here
   * holds: the computation is to be made again with them.
   */
  Set<StageKey> missing() {
    return missing;
  }

  /** The events to persist, none when nothing changes. */
  List<Advanced> events() {
    cut();
    return events;
  }

  Map<Skip, Integer> skipped() {
    return skipped;
  }

  int emittedSamples() {
    return emittedSamples;
  }

  private void take(Sample sample, int step) {
    if (step == chain.size()) {
      emit(sample);
      return;
    }
    Transformer transformer = chain.get(step).transformer();
    StageKey key = null;
    byte[] memory = null;
    if (!transformer.isStateless()) {
      key = new StageKey(step, transformer.keyOf(sample.series()));
      memory = memory(key);
      if (memory == null && isToBeRecalled(key)) {
        missing.add(key);
        return;
      }
    }
    follow(key, chain.get(step).apply(sample, memory, now), step);
  }

  private void follow(StageKey key, Outcome outcome, int step) {
    if (outcome.next() != null && key != null) {
      change(key, outcome.next());
    }
    if (outcome.skip() != null) {
      skipped.merge(outcome.skip(), 1, Integer::sum);
    }
    for (Sample output : outcome.outputs()) {
      take(output, step + 1);
    }
  }

  /** Null where nothing is remembered here, nor was recalled. */
  private byte[] memory(StageKey key) {
    Pending pending = ahead.get(key);
    if (pending != null) {
      return pending.memory;
    }
    Remembered remembered = state.get(key);
    if (remembered != null) {
      return remembered.memory();
    }
    byte[] memory = recalled.get(key);
    return memory == ABSENT ? null : memory;
  }

  /**
   * Whether only the database can say if the key is new. What former transformers remembered of
   * idle series is not looked for any more.
   */
  private boolean isToBeRecalled(StageKey key) {
    return state.hasEvicted()
        && !isRedefining
        && !ahead.containsKey(key)
        && !recalled.containsKey(key);
  }

  /** Null forgets; the key gets another number when it comes again. */
  private void change(StageKey key, byte[] memory) {
    Pending pending = ahead.get(key);
    if (pending == null) {
      Remembered remembered = state.get(key);
      if (remembered == null && memory == null) {
        return;
      }
      pending = new Pending(key, remembered == null ? 0 : remembered.number());
      if (remembered == null) {
        number(pending);
      }
      ahead.put(key, pending);
    } else if (pending.memory == null) {
      number(pending);
    }
    if (pending.changedIn != events.size()) {
      pending.changedIn = events.size();
      changed.add(pending);
      bytes += EncodedSize.MEMORY;
    } else {
      bytes -= pending.memory == null ? 0 : pending.memory.length;
    }
    pending.memory = memory;
    bytes += memory == null ? 0 : memory.length;
  }

  private void number(Pending pending) {
    pending.number = freeNumbers.hasNext() ? freeNumbers.next() : nextNumber++;
    pending.keyIn = events.size();
    bytes += EncodedSize.of(pending.key.series());
  }

  private void emit(Sample sample) {
    int series = emitted.seriesCount();
    int metadata = emitted.metadataCount();
    emitted.add(sample);
    emittedSamples++;
    bytes += EncodedSize.SAMPLE;
    bytes += emitted.seriesCount() > series ? EncodedSize.of(sample.series()) : 0;
    bytes += emitted.metadataCount() > metadata ? EncodedSize.of(sample.metadata()) : 0;
  }

  private void cutIfLarge() {
    if (bytes > EVENT_BYTES) {
      cut();
    }
  }

  private void cut() {
    // A new definition alone is no reason to write: it goes with what comes first.
    if (changed.isEmpty() && emitted.size() == 0 && !(isRedefined() && events.isEmpty())) {
      return;
    }
    events.add(
        new Advanced(
            state.number() + events.size() + 1,
            delivered,
            now / 1_000_000,
            version,
            definition,
            false,
            changed.stream().map(this::written).toList(),
            emitted.build()));
    definition = null;
    changed = new ArrayList<>();
    emitted = new SampleBatch.Builder(64);
    bytes = 0;
  }

  private Change written(Pending pending) {
    boolean isNew = pending.keyIn == events.size();
    return new Change(pending.number, isNew ? pending.key : null, pending.memory);
  }

  private boolean isRedefined() {
    return definition != null && !state.definition().isEmpty();
  }
}
