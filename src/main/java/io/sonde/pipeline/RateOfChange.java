package io.sonde.pipeline;

import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;

/**
 * The growth per second since the previous sample of the series, times the scale. A cumulative
 * meter that fell was reset: what it shows now is what it grew by. Between two samples of one
 * poller the time is that of its own clock, which nobody sets; else that between their timestamps.
 *
 * <p>It differs from Ceilometer's where that is wrong: a scale that is a number multiplies once
 * (there, it multiplied the volume in), the source is kept, series are told apart by all of their
 * identity, and a second sample of the same moment gives nothing (there, a rate of 0).
 */
public final class RateOfChange implements Transformer {
  /** The name in configurations. */
  public static final String NAME = "rate_of_change";

  private final Conversion conversion;

  public RateOfChange(ConfigSection parameters) {
    this.conversion = new Conversion(parameters);
  }

  @Override
  public Outcome apply(Sample input, byte[] memory, long now) {
    if (!conversion.takes(input.series().unit())) {
      return Outcome.skipped(Skip.OTHER_UNIT);
    }
    Reading last = Reading.of(memory);
    Skip refusal = last == null ? null : last.refusal(input);
    if (refusal != null) {
      return Outcome.skipped(refusal);
    }
    byte[] next = Reading.of(input).bytes();
    if (last == null) {
      return Outcome.skipped(next, Skip.FIRST);
    }
    double growth = input.volume() - last.volume();
    if (growth < 0 && input.series().type() == MeterType.CUMULATIVE) {
      growth = input.volume();
    }
    double seconds = last.secondsTo(input);
    double rate = conversion.clamp(conversion.scale(input) * (growth / seconds));
    if (!Double.isFinite(rate)) {
      return Outcome.skipped(next, Skip.NO_NUMBER);
    }
    return Outcome.of(
        next,
        new Sample(
            conversion.target(input.series()),
            input.timestamp(),
            rate,
            SampleKey.NONE,
            input.metadata()));
  }
}
