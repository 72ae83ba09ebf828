package io.sonde.expression;

import io.sonde.model.Sample;
import java.util.Set;
import java.util.function.Function;

/**
 * A formula over samples, in the part of Python's syntax that Ceilometer's configurations use:
 * numbers, texts, {@code + - * / // % **}, comparisons, parentheses, {@code or and not}, {@code a
 * if b else c}, the functions {@code abs float int max min round}, and the sample's fields {@code
 * volume}, {@code name}, {@code type}, {@code unit}, {@code source}, {@code resource_id}, {@code
 * user_id}, {@code project_id}, {@code timestamp} (seconds since 1970) and {@code
 * resource_metadata.a.b} or {@code resource_metadata['a'][0]}. Where samples of several meters take
 * part, {@code $(meter)} is the volume of one and {@code $(meter).field} a field of it.
 *
 * <p>There are no loops, no assignments and no other calls, and size and depth are bounded:
 * whatever is configured ends soon and reaches nothing but the samples.
 *
 * <p>All numbers are doubles. A text that reads as a number counts as one; {@code True} is 1. What
 * is missing is false, and no number. A division by zero, an overflow or arithmetic with anything
 * but numbers has no value.
 */
public final class SampleExpression {
  private final Node root;
  private final Set<String> meters;

  private SampleExpression(Node root, Set<String> meters) {
    this.root = root;
    this.meters = meters;
  }

  /**
   * Reads a formula over one sample.
   *
   * @param configPath where it stands, for errors
   * @throws io.sonde.model.ConfigException that names the position, counted from 1
   */
  public static SampleExpression parse(String text, String configPath) {
    Node root = new ExpressionParser(text, configPath, Names.OF_A_SAMPLE).parse();
    return new SampleExpression(root, Set.of());
  }

  /** Reads a formula over samples of several meters, which it names as {@code $(meter)}. */
  public static SampleExpression parseOfMeters(String text, String configPath) {
    ExpressionParser parser = new ExpressionParser(text, configPath, Names.OF_METERS);
    Node root = parser.parse();
    return new SampleExpression(root, parser.meters());
  }

  /** The meters that it names, in their order. */
  public Set<String> meters() {
    return meters;
  }

  /** The value for a sample; NaN when it has no finite one. */
  public double evaluate(Sample sample) {
    return evaluate(meter -> sample);
  }

  /**
   * The value for samples; NaN when it has no finite one.
   *
   * @param samples the sample of each of {@link #meters}
   */
  public double evaluate(Function<String, Sample> samples) {
    try {
      return Values.asNumber(root.value(Scope.ofSamples(samples)));
    } catch (ExpressionException e) {
      return Double.NaN;
    }
  }
}
