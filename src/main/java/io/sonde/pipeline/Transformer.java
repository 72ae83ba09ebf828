package io.sonde.pipeline;

import io.sonde.model.Sample;

/**
 * Makes other samples of samples. A transformer is a pure function of its parameters, the sample
 * and what was remembered of the sample's series; the stage keeps the memory, in its journal. It is
 * used by several threads at once.
 */
public interface Transformer {
  /**
   * Takes one sample. The samples of a series come in the order in which they arrived, some of them
   * more than once after a failure: a transformer that remembers must skip what is not newer than
   * the reading it has.
   *
   * @param last what was remembered of {@code input.series()}, or null
   */
  Outcome apply(Sample input, Reading last);
}
