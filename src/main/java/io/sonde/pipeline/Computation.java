package io.sonde.pipeline;

import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.pipeline.PipelineStage.Advanced;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a group of samples through the chain, on top of a state that it does not touch, and cuts
 * what comes of it into events. A sample's readings and what it emits are in one event always.
 */
final class Computation {
  private static final Logger LOG = LoggerFactory.getLogger(Computation.class);

  /** Events are cut above this; with one more sample on top they stay below 256 kB. */
  private static final int EVENT_BYTES = 100_000;

  private final List<Transformer> chain;
  private final StageState state;
  private final long delivered;
  private final Map<StageKey, Reading> ahead = new HashMap<>();
  private final Map<Skip, Integer> skipped = new EnumMap<>(Skip.class);
  private final List<Advanced> events = new ArrayList<>();
  private int emittedSamples;

  private Map<StageKey, Reading> readings = new LinkedHashMap<>();
  private SampleBatch.Builder emitted = new SampleBatch.Builder(64);
  private final Set<Object> dictionary = new HashSet<>();
  private int bytes;

  /**
   * A computation on a state.
   *
   * @param delivered all emitted up to this event is delivered, to be written with the events
   */
  Computation(List<Transformer> chain, StageState state, long delivered) {
    this.chain = chain;
    this.state = state;
    this.delivered = delivered;
  }

  Computation add(SampleBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      take(batch.sample(i));
      if (bytes > EVENT_BYTES) {
        cut();
      }
    }
    return this;
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

  private void take(Sample input) {
    Sample sample = input;
    for (int step = 0; step < chain.size(); step++) {
      StageKey key = new StageKey(step, sample.series());
      Reading last = ahead.get(key);
      Outcome outcome = apply(chain.get(step), sample, last == null ? state.reading(key) : last);
      if (outcome.next() != null) {
        advance(key, outcome.next());
      }
      if (outcome.output() == null) {
        skipped.merge(outcome.skip(), 1, Integer::sum);
        return;
      }
      sample = outcome.output();
    }
    emit(sample);
  }

  /** A sample that a transformer cannot stand must not stop the stage, again and again. */
  private static Outcome apply(Transformer transformer, Sample sample, Reading last) {
    try {
      return transformer.apply(sample, last);
    } catch (RuntimeException e) {
      LOG.warn("series={} skipped, the transformer failed", sample.series(), e);
      return Outcome.skipped(Skip.FAILED);
    }
  }

  private void advance(StageKey key, Reading next) {
    ahead.put(key, next);
    if (readings.put(key, next) == null) {
      bytes += EncodedSize.of(key.series()) + EncodedSize.SAMPLE;
    }
  }

  private void emit(Sample sample) {
    emitted.add(sample);
    emittedSamples++;
    Series series = sample.series();
    bytes += EncodedSize.SAMPLE;
    bytes += dictionary.add(series) ? EncodedSize.of(series) : 0;
    bytes += dictionary.add(sample.metadata()) ? EncodedSize.of(sample.metadata()) : 0;
  }

  private void cut() {
    if (bytes == 0) {
      return;
    }
    long number = state.number() + events.size() + 1;
    events.add(new Advanced(number, delivered, readings, emitted.build()));
    readings = new LinkedHashMap<>();
    emitted = new SampleBatch.Builder(64);
    dictionary.clear();
    bytes = 0;
  }
}
