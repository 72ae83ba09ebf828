package io.sonde.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Consumer;

/** {@code [?a=1 & b]}: the entries of a list that satisfy all conditions. */
record Filter(List<Condition> conditions) implements Step {
  @Override
  public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
    if (!from.isArray()) {
      return;
    }
    for (JsonNode entry : from) {
      scope.spend(1);
      Scope within = scope.within(entry);
      if (conditions.stream().allMatch(condition -> condition.holds(within, entry))) {
        found.accept(entry);
      }
    }
  }

  /** How a found value is compared with the one of the condition. */
  enum Comparison {
    EQUAL,
    UNEQUAL,
    LESS,
    AT_MOST,
    GREATER,
    AT_LEAST;

    static Comparison of(String operator) {
      return switch (operator) {
        case "=", "==" -> EQUAL;
        case "!=" -> UNEQUAL;
        case "<" -> LESS;
        case "<=" -> AT_MOST;
        case ">" -> GREATER;
        default -> AT_LEAST;
      };
    }

    boolean holds(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case UNEQUAL -> order != 0;
        case LESS -> order < 0;
        case AT_MOST -> order <= 0;
        case GREATER -> order > 0;
        case AT_LEAST -> order >= 0;
      };
    }
  }

  /**
   * Holds when one of the values found is as asked for.
   *
   * @param comparison null when it is enough that there is one
   * @param value a number or a text; a whole number is compared with whole numbers, also with what
   *     reads as one, and with the whole part of others
   */
  record Condition(Step target, Comparison comparison, JsonNode value) {
    boolean holds(Scope scope, JsonNode entry) {
      List<JsonNode> values = target.all(scope, entry);
      return comparison == null ? !values.isEmpty() : values.stream().anyMatch(this::isAsAskedFor);
    }

    private boolean isAsAskedFor(JsonNode found) {
      JsonNode left = value.isIntegralNumber() ? whole(found) : found;
      if (left == null) {
        return false;
      }
      return Values.areComparable(left, value)
          ? comparison.holds(Values.compare(left, value))
          : comparison == Comparison.UNEQUAL;
    }

    private static JsonNode whole(JsonNode value) {
      if (value.isIntegralNumber()) {
        return value;
      }
      JsonNodeFactory nodes = JsonNodeFactory.instance;
      if (value.isBoolean()) {
        return nodes.numberNode(value.booleanValue() ? 1 : 0);
      }
      if (value.isNumber()) {
        double number = value.doubleValue();
        return Double.isFinite(number)
            ? nodes.numberNode(BigDecimal.valueOf(number).toBigInteger())
            : null;
      }
      try {
        return value.isTextual()
            ? nodes.numberNode(Long.parseLong(value.textValue().strip()))
            : null;
      } catch (NumberFormatException e) {
        return null;
      }
    }
  }
}
