package io.sonde.pipeline;

import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;

/**
 * The difference to the previous sample of the series, as a delta in the same unit. With {@code
 * growth_only} what fell gives nothing, except that a cumulative meter that fell was reset: what it
 * shows now is what it grew by.
 *
 * <pre>
 * source { map_from { name } }
 * target { name, map_to { name } }
 * growth_only: false
 * </pre>
 *
 * It differs from Ceilometer's where that is wrong: there, {@code growth_only} lost the growth
 * after a reset, and the source.
 */
public final class Delta implements Transformer {
  /** The name in configurations. */
  public static final String NAME = "delta";

  private final Template mapping;
  private final String name;
  private final boolean isGrowthOnly;
  private final DerivedSeries targets = new DerivedSeries(this::derive);

  public Delta(ConfigSection parameters) {
    parameters.allow("source", "target", "growth_only");
    // Ceilometer takes a unit and a type here and never looks at them; so do files written for it.
    ConfigSection source = parameters.section("source").allow("map_from", "unit");
    ConfigSection target = parameters.section("target").allow("name", "map_to", "unit", "type");
    mapping =
        Conversion.mapping(
            source.section("map_from").allow("name", "unit"),
            target.section("map_to").allow("name", "unit"),
            "name");
    name = target.has("name") ? target.text("name", "the name of a meter") : null;
    isGrowthOnly = parameters.flag("growth_only", false);
  }

  private Series derive(Series input) {
    return input.as(Conversion.mapped(mapping, input.meter(), name), MeterType.DELTA, input.unit());
  }

  @Override
  public Outcome apply(Sample input, byte[] memory, long now) {
    Reading last = Reading.of(memory);
    Skip refusal = last == null ? null : last.refusal(input);
    if (refusal != null) {
      return Outcome.skipped(refusal);
    }
    byte[] next = Reading.of(input).bytes();
    if (last == null) {
      return Outcome.skipped(next, Skip.FIRST);
    }
    double delta = input.volume() - last.volume();
    Series series = input.series();
    if (isGrowthOnly && delta < 0) {
      if (series.type() != MeterType.CUMULATIVE || input.volume() < 0) {
        return Outcome.skipped(next, Skip.NO_GROWTH);
      }
      delta = input.volume();
    }
    if (!Double.isFinite(delta)) {
      return Outcome.skipped(next, Skip.NO_NUMBER);
    }
    return Outcome.of(
        next,
        new Sample(targets.of(series), input.timestamp(), delta, SampleKey.NONE, input.metadata()));
  }
}
