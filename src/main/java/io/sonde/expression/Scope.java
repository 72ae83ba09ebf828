package io.sonde.expression;

import io.sonde.model.Sample;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What a formula can see while it is evaluated once, and what it may still spend. Not for use by
 * several threads.
 */
final class Scope {
  /**
   * Units that one evaluation may spend: characters and entries that are looked at or made, about.
   */
  static final long MOST = 32L * 1024 * 1024;

  private final Function<String, Sample> samples;
  private final Map<String, Object> names;
  private long left = MOST;

  private Scope(Function<String, Sample> samples, Map<String, Object> names) {
    this.samples = samples;
    this.names = names;
  }

  /** Sees samples, by their meters; the only one for null. */
  static Scope ofSamples(Function<String, Sample> samples) {
    return new Scope(samples, Map.of());
  }

  /** Sees values by their names. */
  static Scope ofValues(Map<String, ?> names) {
    return new Scope(
        meter -> {
          throw new IllegalStateException("no samples are seen");
        },
        new HashMap<>(names));
  }

  Sample sample(String meter) {
    return samples.apply(meter);
  }

  Object named(String name) {
    return names.get(name);
  }

  /** Makes a name mean something else, and gives what it meant. */
  Object rename(String name, Object value) {
    return names.put(name, value);
  }

  /** Counts work, so that no formula keeps a thread or the memory for itself. */
  void spend(long units) {
    left -= units;
    if (left < 0) {
      throw new ExpressionException("more work than one formula may make");
    }
  }
}
