package io.sonde.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * {@code a + b}, also with {@code - * /}: numbers with numbers, texts joined by {@code +}. A side
 * that is a constant goes with each value of the other; of two paths each value goes with the
 * other's at its place. Nothing is found when their numbers differ, or when one pair does not go
 * together.
 */
record Arithmetic(Step left, char operator, Step right) implements Step {
  /** Characters of a result. */
  private static final int LONGEST = 10_000;

  /** Bits of a whole result. */
  private static final int WIDEST = 1_024;

  /** A number or a text that stands in the path. */
  record Constant(JsonNode value) implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      found.accept(value);
    }
  }

  @Override
  public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
    List<JsonNode> lefts = left.all(scope, from);
    List<JsonNode> rights = right.all(scope, from);
    boolean isLeftFixed = left instanceof Constant;
    boolean isRightFixed = right instanceof Constant;
    if (!isLeftFixed && !isRightFixed && lefts.size() != rights.size()) {
      return;
    }
    int count = isLeftFixed ? rights.size() : lefts.size();
    List<JsonNode> results = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      scope.spend(1);
      JsonNode result = result(lefts.get(isLeftFixed ? 0 : i), rights.get(isRightFixed ? 0 : i));
      if (result == null) {
        return;
      }
      scope.spend(result.isTextual() ? result.textValue().length() / 16 : 0);
      results.add(result);
    }
    results.forEach(found);
  }

  /** Null when the two do not go together. */
  private JsonNode result(JsonNode one, JsonNode other) {
    if (one.isTextual() && other.isTextual()) {
      int length = one.textValue().length() + other.textValue().length();
      return operator == '+' && length <= LONGEST
          ? JsonNodeFactory.instance.textNode(one.textValue() + other.textValue())
          : null;
    }
    if (!one.isNumber() || !other.isNumber()) {
      return null;
    }
    if (operator != '/' && one.isIntegralNumber() && other.isIntegralNumber()) {
      return whole(one.bigIntegerValue(), other.bigIntegerValue());
    }
    double a = one.doubleValue();
    double b = other.doubleValue();
    double result =
        switch (operator) {
          case '+' -> a + b;
          case '-' -> a - b;
          case '*' -> a * b;
          default -> a / b;
        };
    return Double.isFinite(result) ? JsonNodeFactory.instance.numberNode(result) : null;
  }

  private JsonNode whole(BigInteger a, BigInteger b) {
    if (a.bitLength() + b.bitLength() > WIDEST) {
      return null;
    }
    BigInteger result =
        switch (operator) {
          case '+' -> a.add(b);
          case '-' -> a.subtract(b);
          default -> a.multiply(b);
        };
    return result.bitLength() < Long.SIZE
        ? JsonNodeFactory.instance.numberNode(result.longValue())
        : JsonNodeFactory.instance.numberNode(result);
  }
}
