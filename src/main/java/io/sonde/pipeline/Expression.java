package io.sonde.pipeline;

import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

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
public final class Expression {
  static final Double NOTHING = Double.NaN;

  private static final int CACHED = 4096;

  private final Node root;
  private final Set<String> meters;

  private Expression(Node root, Set<String> meters) {
    this.root = root;
    this.meters = meters;
  }

  /**
   * Reads a formula over one sample.
   *
   * @param configPath where it stands, for errors
   * @throws io.sonde.model.ConfigException that names the position, counted from 1
   */
  public static Expression parse(String text, String configPath) {
    return new Expression(new ExpressionParser(text, configPath, false).parse(), Set.of());
  }

  /** Reads a formula over samples of several meters, which it names as {@code $(meter)}. */
  static Expression parseOfMeters(String text, String configPath) {
    ExpressionParser parser = new ExpressionParser(text, configPath, true);
    Node root = parser.parse();
    return new Expression(root, parser.meters());
  }

  /** The meters that it names, in their order. */
  Set<String> meters() {
    return meters;
  }

  /** The value for a sample; NaN when it has no finite one. */
  public double evaluate(Sample sample) {
    return number(root.value(meter -> sample));
  }

  /** The value for samples; NaN when it has no finite one. */
  double evaluate(Scope samples) {
    return number(root.value(samples));
  }

  /** What an expression can see. */
  @FunctionalInterface
  interface Scope {
    /** The sample of a meter; of the only one for null. */
    Sample sample(String meter);
  }

  /** Part of a formula. Its value is a Double, text, Boolean, map, list or null; NaN is failure. */
  interface Node {
    Object value(Scope scope);
  }

  record Constant(Object constant) implements Node {
    @Override
    public Object value(Scope scope) {
      return constant;
    }
  }

  record Negation(Node operand) implements Node {
    @Override
    public Object value(Scope scope) {
      return -number(operand.value(scope));
    }
  }

  record Not(Node operand) implements Node {
    @Override
    public Object value(Scope scope) {
      Object value = operand.value(scope);
      return failed(value) ? NOTHING : (Object) !truthy(value);
    }
  }

  /** {@code or} and {@code and} give one of their operands, as in Python. */
  record Choice(boolean or, Node left, Node right) implements Node {
    @Override
    public Object value(Scope scope) {
      Object value = left.value(scope);
      return failed(value) || (truthy(value) == or) ? value : right.value(scope);
    }
  }

  record Conditional(Node condition, Node then, Node otherwise) implements Node {
    @Override
    public Object value(Scope scope) {
      Object value = condition.value(scope);
      return failed(value) ? NOTHING : (truthy(value) ? then : otherwise).value(scope);
    }
  }

  /** Texts compare with texts, everything else as numbers. */
  record Comparison(String operator, Node left, Node right) implements Node {
    @Override
    public Object value(Scope scope) {
      Object a = left.value(scope);
      Object b = right.value(scope);
      if (failed(a) || failed(b)) {
        return NOTHING;
      }
      boolean areTexts = a instanceof String && b instanceof String;
      double x = areTexts ? ((String) a).compareTo((String) b) : number(a);
      double y = areTexts ? 0 : number(b);
      if (Double.isNaN(x) || Double.isNaN(y)) {
        return switch (operator) {
          case "==" -> sameOtherwise(a, b);
          case "!=" -> !sameOtherwise(a, b);
          default -> NOTHING;
        };
      }
      return switch (operator) {
        case "==" -> x == y;
        case "!=" -> x != y;
        case "<" -> x < y;
        case "<=" -> x <= y;
        case ">" -> x > y;
        default -> x >= y;
      };
    }

    /** What is missing is as good as None. */
    private static boolean sameOtherwise(Object a, Object b) {
      return isMissing(a) ? isMissing(b) : a.equals(b);
    }

    private static boolean isMissing(Object value) {
      return value == null || value == MetadataField.MISSING;
    }
  }

  record Arithmetic(String operator, Node left, Node right) implements Node {
    @Override
    public Object value(Scope scope) {
      double a = number(left.value(scope));
      double b = number(right.value(scope));
      double result =
          switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - Math.floor(a / b) * b;
            default -> power(a, b);
          };
      return Double.isFinite(result) ? result : NOTHING;
    }

    private static double power(double a, double b) {
      // Java knows values for NaN ** 0; here a failure stays one.
      return Double.isNaN(a) || Double.isNaN(b) ? Double.NaN : Math.pow(a, b);
    }
  }

  /** A function of one number or, for {@code min} and {@code max}, of several. */
  record Call(String function, List<Node> arguments) implements Node {
    /** All that can be called. */
    static final Set<String> FUNCTIONS = Set.of("abs", "float", "int", "max", "min", "round");

    private static final Set<String> SEVERAL = Set.of("max", "min");

    static boolean takes(String function, int count) {
      return SEVERAL.contains(function) ? count > 0 : count == 1;
    }

    @Override
    public Object value(Scope scope) {
      double first = number(arguments.get(0).value(scope));
      return switch (function) {
        case "abs" -> Math.abs(first);
        case "int" -> first < 0 ? Math.ceil(first) : Math.floor(first);
        case "round" -> Math.rint(first);
        case "float" -> first;
        default -> extreme(first, scope);
      };
    }

    private double extreme(double first, Scope scope) {
      double result = first;
      for (Node argument : arguments.subList(1, arguments.size())) {
        double value = number(argument.value(scope));
        result = function.equals("max") ? Math.max(result, value) : Math.min(result, value);
      }
      return result;
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
    private static final Object MISSING = Map.of();

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
      return value;
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

  private static boolean failed(Object value) {
    return value instanceof Double number && Double.isNaN(number);
  }

  private static boolean truthy(Object value) {
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof Boolean bool) {
      return bool;
    }
    return (value instanceof String text && !text.isEmpty())
        || (value instanceof Map<?, ?> map && !map.isEmpty())
        || (value instanceof List<?> list && !list.isEmpty());
  }

  private static double number(Object value) {
    double number = Double.NaN;
    if (value instanceof Number known) {
      number = known.doubleValue();
    } else if (value instanceof Boolean bool) {
      number = bool ? 1 : 0;
    } else if (value instanceof String text && text.length() <= 40) {
      try {
        number = Double.parseDouble(text.trim());
      } catch (NumberFormatException e) {
        // Text, hence no number: it stays NaN.
      }
    }
    return Double.isFinite(number) ? number : Double.NaN;
  }
}
