package io.sonde.pipeline;

import io.sonde.model.ConfigSection;
import io.sonde.model.Sample;

/**
 * Scales each sample by itself: a scale that is a number multiplies, one that is a text is an
 * expression whose value is the result, and so must mention {@code volume}. Samples of another unit
 * than {@code source.unit} pass unchanged. The result keeps the key of its sample: it stands for it
 * one to one, and so counts once for ever just as the sample does.
 */
public final class UnitConversion implements Transformer {
  /** The name in configurations. */
  public static final String NAME = "unit_conversion";

  private final Conversion conversion;

  public UnitConversion(ConfigSection parameters) {
    this.conversion = new Conversion(parameters);
  }

  @Override
  public boolean isStateless() {
    return true;
  }

  @Override
  public Outcome apply(Sample input, byte[] memory, long now) {
    if (!conversion.takes(input.series().unit())) {
      return Outcome.of(input);
    }
    double volume = conversion.clamp(conversion.scaled(input));
    if (!Double.isFinite(volume)) {
      return Outcome.skipped(Skip.NO_NUMBER);
    }
    return Outcome.of(
        new Sample(
            conversion.target(input.series()),
            input.timestamp(),
            volume,
            input.key(),
            input.metadata(),
            input.monotonic()));
  }
}
