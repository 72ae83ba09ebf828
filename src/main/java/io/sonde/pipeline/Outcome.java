package io.sonde.pipeline;

import io.sonde.model.Sample;

/**
 * What a transformer made of one sample.
 *
 * @param next what to remember of the input's series from now on, or null for what is remembered
 *     already
 * @param output the sample to hand on, or null for none
 * @param skip why there is no output; null when there is one
 */
public record Outcome(Reading next, Sample output, Skip skip) {
  /** Hands on a sample, remembers nothing. */
  public static Outcome of(Sample output) {
    return new Outcome(null, output, null);
  }

  /** Hands on nothing, remembers nothing. */
  public static Outcome skipped(Skip skip) {
    return new Outcome(null, null, skip);
  }
}
