package io.sonde.dynamic;

import io.sonde.expression.ExpressionException;
import io.sonde.expression.ValueExpression;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A URL or a command: as it is written, or a formula over the sample that more is to be known of.
 * Two are equal when their texts are.
 */
final class AddressFormula {
  static final String SAMPLE = "sample";
  static final String CAPTURED = "extra_metadata_captured";
  static final String BY_NAME = "extra_metadata_by_name";

  private static final Set<String> NAMES = Set.of(SAMPLE, CAPTURED, BY_NAME);
  private static final Pattern NAMED =
      Pattern.compile("\\bsample\\s*(\\[|\\.get\\b)|\\bextra_metadata_(captured|by_name)\\b");

  private final String text;

  /** Null where the text is what it says. */
  private final ValueExpression formula;

  private AddressFormula(String text, ValueExpression formula) {
    this.text = text;
    this.formula = formula;
  }

  /**
   * Reads a URL, or the end of one. What has a quote is a formula: URLs have none.
   *
   * @param ofSample whether there is a sample
   */
  static AddressFormula url(String text, String configPath, boolean ofSample) {
    return text.indexOf('\'') < 0 && text.indexOf('"') < 0
        ? new AddressFormula(text.strip(), null)
        : formula(text, configPath, ofSample ? NAMES : Set.of());
  }

  /** Reads a command. Commands have quotes: what names the sample is a formula. */
  static AddressFormula command(String text, String configPath, boolean ofSample) {
    return ofSample && NAMED.matcher(text).find()
        ? formula(text, configPath, NAMES)
        : new AddressFormula(text, null);
  }

  private static AddressFormula formula(String text, String configPath, Set<String> names) {
    return new AddressFormula(text, ValueExpression.parse(text, configPath, names));
  }

  /** Whether it depends on a sample, or is written as if it did. */
  boolean isComputed() {
    return formula != null;
  }

  /**
   * What it comes to.
   *
   * @param names those of a sample; empty for none
   * @throws ExpressionException when it has no value that is a text
   */
  String text(Map<String, ?> names) {
    if (formula == null) {
      return text;
    }
    Object value = formula.evaluate(names);
    if (value instanceof String address) {
      return address;
    }
    throw new ExpressionException("the formula gives no text");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AddressFormula that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** As it is written. */
  @Override
  public String toString() {
    return text;
  }
}
