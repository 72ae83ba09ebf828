package io.sonde.pipeline;

import io.sonde.model.Sample;
import java.util.List;

/**
 * What a transformer made of one sample.
 *
 * @param next what to remember under the input's key from now on, or null for what is remembered
 *     already
 * @param outputs the samples to hand on
 * @param skip why there are none; null when there are, or when the sample was kept for later ones
 */
@SuppressWarnings("ArrayRecordComponent") // Outcomes are looked into, never compared.
public record Outcome(byte[] next, List<Sample> outputs, Skip skip) {
  /** Hands on nothing, remembers nothing new. */
  static final Outcome NOTHING = new Outcome(null, List.of(), null);

  /** Hands on a sample, remembers nothing. */
  public static Outcome of(Sample output) {
    return new Outcome(null, List.of(output), null);
  }

  /** Hands on a sample and remembers. */
  public static Outcome of(byte[] next, Sample output) {
    return new Outcome(next, List.of(output), null);
  }

  /** Hands on nothing, remembers nothing. */
  public static Outcome skipped(Skip skip) {
    return new Outcome(null, List.of(), skip);
  }

  /** Hands on nothing, but remembers. */
  public static Outcome skipped(byte[] next, Skip skip) {
    return new Outcome(next, List.of(), skip);
  }

  /** Hands on nothing now: the sample is in the memory. */
  public static Outcome held(byte[] next) {
    return new Outcome(next, List.of(), null);
  }
}
