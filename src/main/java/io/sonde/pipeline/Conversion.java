package io.sonde.pipeline;

import io.sonde.expression.SampleExpression;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import java.util.Arrays;

/**
 * The parameters that conversions share: which unit they take, what name, unit and type they give,
 * by what they scale and where they stop.
 *
 * <pre>
 * source { unit, map_from { name, unit } }
 * target { name, unit, type, scale, max, map_to { name, unit } }
 * </pre>
 *
 * A mapping wins over a fixed name or unit unless its result is empty. A {@code max} of 0 is none.
 */
final class Conversion {
  private final String sourceUnit;
  private final Template nameMapping;
  private final Template unitMapping;
  private final String name;
  private final String unit;
  private final MeterType type;
  private final double factor;
  private final SampleExpression expression;
  private final double max;
  private final DerivedSeries targets = new DerivedSeries(this::derive);

  /**
   * Reads the sections {@code source} and {@code target}.
   *
   * @param others keys that stand beside them
   */
  Conversion(ConfigSection parameters, String... others) {
    String[] keys = Arrays.copyOf(others, others.length + 2);
    keys[others.length] = "source";
    keys[others.length + 1] = "target";
    parameters.allow(keys);
    ConfigSection source = parameters.section("source").allow("unit", "map_from");
    ConfigSection target =
        parameters.section("target").allow("name", "unit", "type", "scale", "max", "map_to");
    ConfigSection from = source.section("map_from").allow("name", "unit");
    ConfigSection to = target.section("map_to").allow("name", "unit");
    sourceUnit = source.text("unit").orElse(null);
    nameMapping = mapping(from, to, "name");
    unitMapping = mapping(from, to, "unit");
    name = target.has("name") ? target.text("name", "the name of a meter") : null;
    unit = target.text("unit").orElse(null);
    type = type(target);
    expression =
        target.isText("scale")
            ? SampleExpression.parse(target.text("scale", "an expression"), target.path("scale"))
            : null;
    factor = expression == null ? target.number("scale").orElse(1.0) : 1;
    if (factor == 0) {
      throw new ConfigException(
          target.path("scale"), target.shown("scale"), "a number other than 0");
    }
    double limit = target.number("max").orElse(0.0);
    max = limit == 0 ? Double.POSITIVE_INFINITY : limit;
  }

  /** Whether samples of this unit are to be converted. */
  boolean takes(String inputUnit) {
    return sourceUnit == null || sourceUnit.equals(inputUnit);
  }

  /** The series of the result; whose it is does not change. */
  Series target(Series input) {
    return targets.of(input);
  }

  private Series derive(Series input) {
    return input.as(
        mapped(nameMapping, input.meter(), name),
        type == null ? input.type() : type,
        mapped(unitMapping, input.unit(), unit));
  }

  /** The scale of this sample; NaN when it has none. */
  double scale(Sample sample) {
    return expression == null ? factor : expression.evaluate(sample);
  }

  /**
   * The volume by this scale: a number multiplies, the value of an expression is the result. NaN
   * when there is none.
   */
  double scaled(Sample sample) {
    return expression == null ? sample.volume() * factor : expression.evaluate(sample);
  }

  double clamp(double volume) {
    return Math.min(volume, max);
  }

  /** By the mapping unless its result is empty, else fixed unless that is null, else unchanged. */
  static String mapped(Template mapping, String value, String fixed) {
    String mapped = mapping == null ? "" : mapping.apply(value);
    if (!mapped.isEmpty()) {
      return mapped;
    }
    return fixed == null ? value : fixed;
  }

  /** A regular expression at {@code from} and its replacement at {@code to}; null for neither. */
  static Template mapping(ConfigSection from, ConfigSection to, String key) {
    if (from.has(key) != to.has(key)) {
      ConfigSection lacking = from.has(key) ? to : from;
      ConfigSection other = from.has(key) ? from : to;
      throw new ConfigException(
          lacking.path(key), null, "a text, because " + other.path(key) + " is given");
    }
    return from.has(key)
        ? Template.of(
            from.text(key, "a regular expression"),
            from.path(key),
            to.text(key).orElse(""),
            to.path(key))
        : null;
  }

  /** The type that a target names; null for none. */
  static MeterType type(ConfigSection target) {
    String text = target.text("type").orElse(null);
    MeterType type = text == null ? null : MeterType.ofWireName(text);
    if (text != null && type == null) {
      throw new ConfigException(target.path("type"), text, "one of gauge, delta, cumulative");
    }
    return type;
  }
}
