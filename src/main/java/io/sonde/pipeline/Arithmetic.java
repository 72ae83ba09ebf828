package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes a new meter of several meters of one resource: {@code $(memory.usage) / $(memory) *
 * 100}. As soon as there is a sample of each, they make one, and are used up. The samples
 * themselves are not handed on.
 *
 * <pre>
 * target { name, unit, type, expr }
 * </pre>
 *
 * The meter that the expression names first lends its project, user, metadata and what {@code
 * target} does not name. It differs from Ceilometer's where that is wrong: the time is that of the
 * newest of the samples (there, of whatever sample came last, of any resource), a division always
 * keeps its fraction, and the source is kept.
 */
public final class Arithmetic implements Transformer {
  /** The name in configurations. */
  public static final String NAME = "arithmetic";

  private static final long WAITING = 1;
  private static final long USED = 2;

  private final String name;
  private final String unit;
  private final MeterType type;
  private final Expression expression;
  private final DerivedSeries keys = new DerivedSeries(Arithmetic::key);

  public Arithmetic(ConfigSection parameters) {
    ConfigSection target =
        parameters.allow("target").section("target").allow("name", "unit", "type", "expr");
    name = target.text("name").orElse(null);
    unit = target.text("unit").orElse(null);
    type = Conversion.type(target);
    expression =
        Expression.parseOfMeters(
            target.text("expr", "an expression over meters, such as $(a) / $(b)"),
            target.path("expr"));
    if (name != null && name.isBlank()) {
      throw new ConfigException(target.path("name"), name, "the name of a meter");
    }
  }

  /** All of one resource of one source. */
  @Override
  public Series keyOf(Series input) {
    return keys.of(input);
  }

  private static Series key(Series input) {
    return new Series(
        input.source(),
        "",
        MeterType.GAUGE,
        "",
        input.resourceId(),
        null,
        null,
        Series.NO_DIMENSIONS);
  }

  /**
   * The memory is a batch with the last sample of each meter; those that are used up have a key of
   * their own, and stay so that copies of them are known.
   */
  @Override
  public Outcome apply(Sample input, byte[] memory, long now) {
    String meter = input.series().meter();
    if (!expression.meters().contains(meter)) {
      return Outcome.skipped(Skip.NOT_ASKED_FOR);
    }
    Map<String, Sample> known = known(memory);
    Sample last = known.get(meter);
    Skip refusal = last == null ? null : Reading.of(last).refusal(input);
    if (refusal != null) {
      return Outcome.skipped(refusal);
    }
    known.put(meter, marked(input, WAITING));
    for (String wanted : expression.meters()) {
      Sample sample = known.get(wanted);
      if (sample == null || sample.key() != WAITING) {
        return Outcome.held(bytes(known));
      }
    }
    Sample output = compute(known);
    known.replaceAll((each, sample) -> marked(sample, USED));
    byte[] next = bytes(known);
    return output == null ? Outcome.skipped(next, Skip.NO_NUMBER) : Outcome.of(next, output);
  }

  private Sample compute(Map<String, Sample> known) {
    double volume = expression.evaluate(known::get);
    if (!Double.isFinite(volume)) {
      return null;
    }
    Sample first = known.get(expression.meters().iterator().next());
    long newest =
        known.values().stream().mapToLong(Sample::timestamp).max().orElse(first.timestamp());
    Series series = first.series();
    return new Sample(
        series.as(
            name == null ? series.meter() : name,
            type == null ? series.type() : type,
            unit == null ? series.unit() : unit),
        newest,
        volume,
        SampleKey.NONE,
        first.metadata());
  }

  private static Sample marked(Sample sample, long mark) {
    return new Sample(
        sample.series(), sample.timestamp(), sample.volume(), mark, sample.metadata());
  }

  /** Of the meters that the expression names; another definition may have named others. */
  private Map<String, Sample> known(byte[] memory) {
    Map<String, Sample> known = new LinkedHashMap<>();
    if (memory != null) {
      for (Sample sample : BatchCodec.decode(memory).samples()) {
        if (expression.meters().contains(sample.series().meter())) {
          known.put(sample.series().meter(), sample);
        }
      }
    }
    return known;
  }

  private static byte[] bytes(Map<String, Sample> known) {
    List<Sample> samples = new ArrayList<>(known.values());
    return BatchCodec.encode(SampleBatch.of(samples));
  }
}
