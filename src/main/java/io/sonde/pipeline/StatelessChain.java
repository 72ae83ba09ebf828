package io.sonde.pipeline;

import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import java.util.EnumMap;
import java.util.Map;

/** Takes samples through transformers that remember nothing: where they are, without a stage. */
final class StatelessChain {
  private final SinkDefinition sink;
  private final SampleBatch.Builder made;
  private final Map<Skip, Integer> skipped = new EnumMap<>(Skip.class);

  private StatelessChain(SinkDefinition sink, int expected) {
    this.sink = sink;
    this.made = new SampleBatch.Builder(expected);
  }

  /** What a sink whose transformers are all stateless makes of a batch. */
  static SampleBatch apply(SinkDefinition sink, SampleBatch batch) {
    StatelessChain chain = new StatelessChain(sink, batch.size());
    for (int i = 0; i < batch.size(); i++) {
      chain.take(batch.sample(i), 0);
    }
    chain.skipped.forEach(
        (why, n) -> PipelineMetrics.SKIPPED.labelValues(sink.name(), why.label()).inc(n));
    SampleBatch result = chain.made.build();
    PipelineMetrics.EMITTED.labelValues(sink.name()).inc(result.size());
    return result;
  }

  private void take(Sample sample, int step) {
    if (step == sink.transformers().size()) {
      made.add(sample);
      return;
    }
    Outcome outcome = sink.transformers().get(step).apply(sample, null, 0);
    if (outcome.skip() != null) {
      skipped.merge(outcome.skip(), 1, Integer::sum);
    }
    for (Sample output : outcome.outputs()) {
      take(output, step + 1);
    }
  }
}
