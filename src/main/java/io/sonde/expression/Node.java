package io.sonde.expression;

import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Part of a formula. Its value is null, a Boolean, a whole number (Integer, Long, BigInteger), a
 * Double, a text, a list or a map; or it fails with an {@link ExpressionException}.
 */
interface Node {
  Object value(Scope scope);

  record Constant(Object constant) implements Node {
    @Override
    public Object value(Scope scope) {
      return constant;
    }
  }

  record Name(String name) implements Node {
    @Override
    public Object value(Scope scope) {
      return scope.named(name);
    }
  }

  /** Where everything is a number: what else reads as one is one. */
  record AsNumber(Node operand) implements Node {
    @Override
    public Object value(Scope scope) {
      Object value = operand.value(scope);
      double number = Values.asNumber(value);
      if (Double.isNaN(number)) {
        throw new ExpressionException("no number");
      }
      return number;
    }
  }

  record Negation(Node operand) implements Node {
    @Override
    public Object value(Scope scope) {
      return Values.negated(operand.value(scope));
    }
  }

  record Not(Node operand) implements Node {
    @Override
    public Object value(Scope scope) {
      return !Values.isTrue(operand.value(scope));
    }
  }

  /** {@code or} and {@code and} give one of their operands, as in Python. */
  record Choice(boolean or, Node left, Node right) implements Node {
    @Override
    public Object value(Scope scope) {
      Object value = left.value(scope);
      return Values.isTrue(value) == or ? value : right.value(scope);
    }
  }

  record Conditional(Node condition, Node then, Node otherwise) implements Node {
    @Override
    public Object value(Scope scope) {
      return (Values.isTrue(condition.value(scope)) ? then : otherwise).value(scope);
    }
  }

  /**
   * Compares numbers with numbers and texts with texts.
   *
   * @param isOfNumbers whether what is no text on both sides becomes a number, where it can
   */
  record Comparison(String operator, Node left, Node right, boolean isOfNumbers) implements Node {
    @Override
    public Object value(Scope scope) {
      Object a = left.value(scope);
      Object b = right.value(scope);
      if (isOfNumbers && !(a instanceof String && b instanceof String)) {
        double x = Values.asNumber(a);
        double y = Values.asNumber(b);
        boolean areNumbers = !Double.isNaN(x) && !Double.isNaN(y);
        a = areNumbers ? (Object) x : a;
        b = areNumbers ? (Object) y : b;
      }
      return switch (operator) {
        case "==" -> Values.areEqual(a, b, scope);
        case "!=" -> !Values.areEqual(a, b, scope);
        case "<" -> Values.compare(a, b, scope) < 0;
        case "<=" -> Values.compare(a, b, scope) <= 0;
        case ">" -> Values.compare(a, b, scope) > 0;
        default -> Values.compare(a, b, scope) >= 0;
      };
    }
  }

  record Membership(Node item, Node container) implements Node {
    @Override
    public Object value(Scope scope) {
      Object sought = item.value(scope);
      return Values.contains(container.value(scope), sought, scope);
    }
  }

  record Arithmetic(String operator, Node left, Node right) implements Node {
    @Override
    public Object value(Scope scope) {
      Object a = left.value(scope);
      return Values.arithmetic(operator, a, right.value(scope), scope);
    }
  }

  record FunctionCall(String function, List<Node> arguments) implements Node {
    @Override
    public Object value(Scope scope) {
      return Functions.call(function, values(arguments, scope), scope);
    }
  }

  record MethodCall(Node receiver, String method, List<Node> arguments) implements Node {
    @Override
    public Object value(Scope scope) {
      Object value = receiver.value(scope);
      return Methods.call(value, method, values(arguments, scope), scope);
    }
  }

  record Part(Node container, Node index) implements Node {
    @Override
    public Object value(Scope scope) {
      Object value = container.value(scope);
      return Values.part(value, index.value(scope), scope);
    }
  }

  record Slice(Node container, Node from, Node to, Node step) implements Node {
    @Override
    public Object value(Scope scope) {
      return Values.slice(
          container.value(scope), from.value(scope), to.value(scope), step.value(scope), scope);
    }
  }

  record ListOf(List<Node> entries) implements Node {
    @Override
    public Object value(Scope scope) {
      return values(entries, scope);
    }
  }

  record MapOf(List<Node> keys, List<Node> entries) implements Node {
    @Override
    public Object value(Scope scope) {
      return Values.map(values(keys, scope), values(entries, scope));
    }
  }

  /**
   * {@code [result for variables in list if condition]}.
   *
   * @param result null for the entries themselves
   * @param variables several where each entry is a list of as many
   * @param condition null for none
   */
  record Comprehension(Node result, List<String> variables, Node list, Node condition)
      implements Node {
    @Override
    public Object value(Scope scope) {
      List<?> entries = Values.entries(list.value(scope), scope);
      Object[] outer = variables.stream().map(scope::named).toArray();
      List<Object> results = new ArrayList<>();
      for (Object entry : entries) {
        scope.spend(1);
        bind(entry, scope);
        if (condition == null || Values.isTrue(condition.value(scope))) {
          results.add(result == null ? entry : result.value(scope));
        }
      }
      for (int i = 0; i < outer.length; i++) {
        scope.rename(variables.get(i), outer[i]);
      }
      return results;
    }

    private void bind(Object entry, Scope scope) {
      if (variables.size() == 1) {
        scope.rename(variables.get(0), entry);
        return;
      }
      if (!(entry instanceof List<?> parts) || parts.size() != variables.size()) {
        throw new ExpressionException("no " + variables.size() + " parts of an entry");
      }
      for (int i = 0; i < parts.size(); i++) {
        scope.rename(variables.get(i), parts.get(i));
      }
    }
  }

  record Field(String meter, String name) implements Node {
    @Override
    public Object value(Scope scope) {
      Sample sample = scope.sample(meter);
      return switch (name) {
        case "volume" -> sample.volume();
        case "name" -> sample.series().meter();
        case "type" -> sample.series().type().wireName();
        case "unit" -> sample.series().unit();
        case "source" -> sample.series().source();
        case "resource_id" -> sample.series().resourceId();
        case "user_id" -> sample.series().userId();
        case "project_id" -> sample.series().projectId();
        default -> sample.timestamp() / 1e6;
      };
    }
  }

  /** A value in the metadata. Remembered for a while: metadata changes seldom, parsing costs. */
  record MetadataField(String meter, List<String> path, ConcurrentHashMap<Metadata, Object> known)
      implements Node {
    private static final int CACHED = 4096;
    private static final Object MISSING = new Object();

    @Override
    public Object value(Scope scope) {
      Metadata metadata = scope.sample(meter).metadata();
      Object value = known.get(metadata);
      if (value == null) {
        Object found = find(MetadataTree.of(metadata), 0);
        value = found == null ? MISSING : found;
        if (known.size() >= CACHED) {
          known.clear();
        }
        known.put(metadata, value);
      }
      return value == MISSING ? null : value;
    }

    /** Also finds keys that contain dots, as flattened metadata has them. */
    private Object find(Object tree, int from) {
      if (from == path.size()) {
        return tree;
      }
      if (tree instanceof List<?> list && path.get(from).matches("\\d{1,6}")) {
        int index = Integer.parseInt(path.get(from));
        return index < list.size() ? find(list.get(index), from + 1) : null;
      }
      if (tree instanceof Map<?, ?> map) {
        for (int end = from + 1; end <= path.size(); end++) {
          Object child = map.get(String.join(".", path.subList(from, end)));
          Object found = child == null ? null : find(child, end);
          if (found != null) {
            return found;
          }
        }
      }
      return null;
    }
  }

  /** The values of these, in their order. */
  private static List<Object> values(List<Node> nodes, Scope scope) {
    List<Object> values = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      values.add(node.value(scope));
    }
    return values;
  }
}
