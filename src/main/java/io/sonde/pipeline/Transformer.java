package io.sonde.pipeline;

import io.sonde.model.Sample;
import io.sonde.model.Series;

/**
 * Makes other samples of samples. A transformer is a pure function of its parameters, the sample
 * and a memory, which the stage keeps for it in its journal: bytes in a form of the transformer's
 * own, one array for each key. It is used by several threads at once, and must neither keep nor
 * change the arrays that it is given. Memory outlives releases: its form should begin with a
 * version.
 */
public interface Transformer {
  /** No moment: nothing is due. */
  long NEVER = Long.MAX_VALUE;

  /** Whether it remembers nothing. A sink whose transformers all do so needs no stage. */
  default boolean isStateless() {
    return false;
  }

  /**
   * The key under which the memory of a series' samples is kept, in the form of a series; those
   * with equal keys share it. Stages divide the work by resource: no key can span two of them.
   */
  default Series keyOf(Series input) {
    return input;
  }

  /**
   * Takes one sample. The samples of a series come in the order in which they arrived, some of them
   * more than once after a failure: a transformer that remembers must know them again.
   *
   * @param memory what was remembered under the sample's key, or null for nothing
   * @param now microseconds since 1970
   */
  Outcome apply(Sample input, byte[] memory, long now);

  /**
   * When {@link #release} is to be called, though no sample may come, in microseconds since 1970.
   */
  default long due(byte[] memory) {
    return NEVER;
  }

  /**
   * Gives what is held in a memory: its time has come, or the definition of the sink changes and
   * there will be no more samples.
   *
   * @return the memory after that, and the samples
   */
  default Outcome release(Series key, byte[] memory) {
    return Outcome.NOTHING;
  }
}
