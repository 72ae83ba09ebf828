package io.sonde.dynamic;

import io.sonde.expression.ExpressionException;
import io.sonde.expression.ValueExpression;
import io.sonde.model.ConfigException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a value stands in an answer, and what is made of it: {@code a.b | value.split('$') |
 * value[0]}. First keys of objects with dots between them, or {@code .} for all of it; then
 * formulas over {@code value}, each over what the one before it gave. A {@code |} within a quoted
 * text is of the text. Two are equal when their texts are.
 */
final class ValuePath {
  private static final Set<String> NAMES = Set.of("value");

  private final String text;
  private final List<String> keys;
  private final List<ValueExpression> operations;

  private ValuePath(String text, List<String> keys, List<ValueExpression> operations) {
    this.text = text;
    this.keys = keys;
    this.operations = operations;
  }

  /**
   * Reads a path.
   *
   * @param configPath where it stands, for errors
   * @throws ConfigException when it is none
   */
  static ValuePath parse(String text, String configPath) {
    List<String> parts = parts(text);
    String place = parts.get(0).strip();
    if (place.isEmpty()) {
      throw new ConfigException(
          configPath, text, "a path: expected keys with dots between them, or . for all");
    }
    List<String> keys = place.equals(".") ? List.of() : List.of(place.split("\\.", -1));
    if (keys.contains("")) {
      throw new ConfigException(configPath, text, "a path: expected a key on each side of a dot");
    }
    List<ValueExpression> operations = new ArrayList<>();
    for (String operation : parts.subList(1, parts.size())) {
      operations.add(ValueExpression.parse(operation.strip(), configPath, NAMES));
    }
    return new ValuePath(text, keys, List.copyOf(operations));
  }

  /** What stands between bars that are outside of quoted texts. */
  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    char quote = 0;
    boolean isEscaped = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // The place itself has no quoted texts: a key may hold an apostrophe.
      boolean isQuote = (c == '\'' || c == '"') && !parts.isEmpty();
      if (quote == 0 && c == '|') {
        parts.add(part.toString());
        part.setLength(0);
        continue;
      }
      if (quote == 0 && isQuote) {
        quote = c;
      } else if (quote == c && !isEscaped) {
        quote = 0;
      }
      isEscaped = quote != 0 && c == '\\' && !isEscaped;
      part.append(c);
    }
    parts.add(part.toString());
    return parts;
  }

  /**
   * The value for an answer or a part of one.
   *
   * @throws ExpressionException when there is none; {@link ExpressionException#isAbsence} where a
   *     key is missing
   */
  Object value(Object tree) {
    Object value = tree;
    for (String key : keys) {
      if (!(value instanceof Map<?, ?> map) || !map.containsKey(key)) {
        throw ExpressionException.absence("there is no " + key);
      }
      value = map.get(key);
    }
    for (ValueExpression operation : operations) {
      Map<String, Object> names = new HashMap<>();
      names.put("value", value);
      value = operation.evaluate(names);
    }
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ValuePath that && text.equals(that.text);
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
