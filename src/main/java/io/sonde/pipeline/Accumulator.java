package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds samples back until there are {@code size} of them, then hands all on, unchanged: the next
 * step or the publisher gets them together. A {@code size} below 1 holds nothing. The samples of a
 * stage are counted together, whatever their series.
 */
public final class Accumulator implements Transformer {
  /** The name in configurations. */
  public static final String NAME = "accumulator";

  /** Each event of the journal carries all that is held. */
  private static final int MAX_SIZE = 1_000;

  private static final Series ALL =
      new Series("", "", MeterType.GAUGE, "", "", null, null, Series.NO_DIMENSIONS);

  private final int size;

  public Accumulator(ConfigSection parameters) {
    double wanted = parameters.allow("size").decimal("size").orElse(1.0);
    if (wanted > MAX_SIZE || wanted != Math.rint(wanted)) {
      throw new ConfigException(
          parameters.path("size"), parameters.shown("size"), "a whole number up to " + MAX_SIZE);
    }
    size = (int) wanted;
  }

  @Override
  public boolean isStateless() {
    return size <= 1;
  }

  @Override
  public Series keyOf(Series input) {
    return ALL;
  }

  @Override
  public Outcome apply(Sample input, byte[] memory, long now) {
    if (isStateless()) {
      return Outcome.of(input);
    }
    List<Sample> held = new ArrayList<>(held(memory));
    for (Sample sample : held) {
      if (sample.timestamp() == input.timestamp()
          && sample.key() == input.key()
          && sample.series().equals(input.series())) {
        return Outcome.skipped(Skip.REDELIVERED);
      }
    }
    held.add(input);
    if (held.size() < size) {
      return Outcome.held(BatchCodec.encode(SampleBatch.of(held)));
    }
    return new Outcome(BatchCodec.encode(SampleBatch.of(List.of())), held, null);
  }

  @Override
  public Outcome release(Series key, byte[] memory) {
    List<Sample> held = held(memory);
    return held.isEmpty()
        ? Outcome.NOTHING
        : new Outcome(BatchCodec.encode(SampleBatch.of(List.of())), held, null);
  }

  private static List<Sample> held(byte[] memory) {
    return memory == null ? List.of() : BatchCodec.decode(memory).samples();
  }
}
