package io.sonde.expression;

import java.util.Map;
import java.util.Set;

/**
 * A formula over values, as Ceilometer's dynamic pollsters have them: {@code value.split('$')[0]},
 * {@code '/v3/projects/' + str(sample['project_id'])}. Values are those of JSON: null, Boolean,
 * whole numbers, Double, text, lists and maps. Beside what {@link SampleExpression} knows there are
 * lists, maps, {@code in}, {@code is None}, indexes and slices, methods of texts, lists and maps,
 * more functions, {@code [x for x in value if x]}, and {@code filter} and {@code map} with a {@code
 * lambda}. Types are Python's: a whole number is no text and stays whole.
 *
 * <p>Nothing that it calls reaches anything but the values. Its text and nesting, what it works on
 * and what it makes are bounded. For use by several threads.
 */
public final class ValueExpression {
  private final Node root;

  private ValueExpression(Node root) {
    this.root = root;
  }

  /**
   * Reads a formula.
   *
   * @param configPath where it stands, for errors
   * @param names what it can see
   * @throws io.sonde.model.ConfigException that names the position, counted from 1
   */
  public static ValueExpression parse(String text, String configPath, Set<String> names) {
    return new ValueExpression(
        new ExpressionParser(text, configPath, Names.ofValues(names)).parse());
  }

  /**
   * The value.
   *
   * @param values by the names of {@link #parse}; nobody changes them meanwhile
   * @throws ExpressionException when there is none
   */
  public Object evaluate(Map<String, ?> values) {
    return root.value(Scope.ofValues(values));
  }
}
