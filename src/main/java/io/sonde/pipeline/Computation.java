package io.sonde.pipeline;

import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.pipeline.StageState.Change;
import io.sonde.pipeline.StageState.Remembered;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
  private final Map<StageKey, byte[]> ahead = new HashMap<>();

  private final Map<StageKey, Integer> newNumbers = new HashMap<>();
  private final Set<StageKey> forgotten = new HashSet<>();
  private final Iterator<Integer> freeNumbers;
  private int nextNumber;

  private final Set<StageKey> missing = new LinkedHashSet<>();
  private final Map<Skip, Integer> skipped = new EnumMap<>(Skip.class);
  private final List<Advanced> events = new ArrayList<>();
  private int emittedSamples;

  private List<TransformerDefinition> chain;
  private boolean isRedefining;
  private String definition;
  private Map<StageKey, Change> changes = new LinkedHashMap<>();
  private SampleBatch.Builder emitted = new SampleBatch.Builder(64);
  private final Set<Object> dictionary = new HashSet<>();
  private int bytes;

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
    if (memory != null
        && memory != ABSENT
        && chain.get(key.step()).transformer().due(memory) <= now) {
      release(key);
    }
  }

  private void release(StageKey key) {
    byte[] memory = memory(key);
    if (memory == null || memory == ABSENT) {
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
      // What former transformers remembered of idle series is not looked for any more.
      if (memory == null && state.hasEvicted() && !isRedefining) {
        missing.add(key);
        return;
      }
      memory = memory == ABSENT ? null : memory;
    }
    follow(key, apply(transformer, sample, memory), step);
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

  /** A sample that a transformer cannot stand must not stop the stage, again and again. */
  private Outcome apply(Transformer transformer, Sample sample, byte[] memory) {
    try {
      return transformer.apply(sample, memory, now);
    } catch (RuntimeException e) {
      LOG.warn("series={} skipped, the transformer failed", sample.series(), e);
      return Outcome.skipped(Skip.FAILED);
    }
  }

  private byte[] memory(StageKey key) {
    byte[] changed = ahead.get(key);
    if (changed != null) {
      return changed;
    }
    Remembered remembered = state.get(key);
    return remembered != null ? remembered.memory() : recalled.get(key);
  }

  /** Null forgets; the key gets another number when it comes again. */
  private void change(StageKey key, byte[] memory) {
    Remembered remembered = forgotten.contains(key) ? null : state.get(key);
    Integer number = remembered != null ? (Integer) remembered.number() : newNumbers.get(key);
    boolean isNew = number == null;
    if (isNew) {
      if (memory == null) {
        return;
      }
      number = freeNumbers.hasNext() ? freeNumbers.next() : (Integer) nextNumber++;
      newNumbers.put(key, number);
    }
    if (memory == null) {
      forgotten.add(key);
      newNumbers.remove(key);
    }
    ahead.put(key, memory == null ? ABSENT : memory);
    Change before = changes.get(key);
    StageKey written = isNew || (before != null && before.key() != null) ? key : null;
    changes.put(key, new Change(number, written, memory));
    bytes += EncodedSize.MEMORY + (memory == null ? 0 : memory.length);
    bytes -= before == null || before.memory() == null ? 0 : before.memory().length;
    bytes += isNew ? EncodedSize.of(key.series()) : 0;
  }

  private void emit(Sample sample) {
    emitted.add(sample);
    emittedSamples++;
    Series series = sample.series();
    bytes += EncodedSize.SAMPLE;
    bytes += dictionary.add(series) ? EncodedSize.of(series) : 0;
    bytes += dictionary.add(sample.metadata()) ? EncodedSize.of(sample.metadata()) : 0;
  }

  private void cutIfLarge() {
    if (bytes > EVENT_BYTES) {
      cut();
    }
  }

  private void cut() {
    // A new definition alone is no reason to write: it goes with what comes first.
    if (changes.isEmpty() && emitted.size() == 0 && !(isRedefined() && events.isEmpty())) {
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
            List.copyOf(changes.values()),
            emitted.build()));
    definition = null;
    changes = new LinkedHashMap<>();
    emitted = new SampleBatch.Builder(64);
    dictionary.clear();
    bytes = 0;
  }

  private boolean isRedefined() {
    return definition != null && !state.definition().isEmpty();
  }
}
