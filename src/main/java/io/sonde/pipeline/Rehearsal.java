package io.sonde.pipeline;

import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.pipeline.StageState.Remembered;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a sink's transformers make of samples, beginning without any memory: as its stages would,
 * but nothing is stored. For one thread.
 */
public final class Rehearsal {
  private final SinkDefinition sink;
  private StageState state = StageState.EMPTY;

  /** Of a sink that has seen nothing yet. */
  public Rehearsal(SinkDefinition sink) {
    this.sink = sink;
  }

  /**
   * Takes a sample.
   *
   * @param now microseconds since 1970, by which windows last
   * @return what comes out
   */
  public List<Sample> add(Sample sample, long now) {
    return emitted(computation(now).add(SampleBatch.of(List.of(sample))));
  }

  /**
   * Ends the windows that are over.
   *
   * @param now microseconds since 1970
   * @return what comes out
   */
  public List<Sample> release(long now) {
    List<StageKey> due = new ArrayList<>();
    for (Remembered remembered : state.all()) {
      Transformer transformer = sink.transformers().get(remembered.key().step()).transformer();
      if (transformer.due(remembered.memory()) <= now) {
        due.add(remembered.key());
      }
    }
    if (due.isEmpty()) {
      return List.of();
    }
    Computation computation = computation(now);
    due.forEach(computation::releaseDue);
    return emitted(computation);
  }

  private Computation computation(long now) {
    return new Computation(sink, "", state, Map.of(), state.number(), now);
  }

  private List<Sample> emitted(Computation computation) {
    List<Sample> emitted = new ArrayList<>();
    for (Advanced event : computation.events()) {
      emitted.addAll(event.emitted().samples());
      state = state.apply(event);
    }
    return emitted;
  }
}
