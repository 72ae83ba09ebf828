package io.sonde.pipeline;

import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A formula over one sample, in the part of Python's syntax that Ceilometer's configurations use:
 * numbers, {@code + - * / // % **}, parentheses, {@code or and not}, and the sample's fields {@code
 * volume}, {@code name}, {@code type}, {@code unit}, {@code source}, {@code resource_id}, {@code
 * user_id}, {@code project_id}, {@code timestamp} (seconds since 1970) and {@code
 * resource_metadata.a.b}. There are no calls, no loops and no assignments, and size and depth are
 * bounded: whatever is configured ends soon.
 *
 * <p>All numbers are doubles. A text that reads as a number counts as one; {@code true} is 1. What
 * is missing is false, and no number. A division by zero, an overflow or arithmetic with anything
 * but numbers has no value.
 */
public final class Expression {
  static final Double NOTHING = Double.NaN;

  private static final int CACHED = 4096;

  private final Node root;

  private Expression(Node root) {
    this.root = root;
  }

  /**
   * Reads a formula.
   *
   * @param configPath where it stands, for errors
   * @throws io.sonde.model.ConfigException that names the position, counted from 1
   */
  public static Expression parse(String text, String configPath) {
    return new Expression(new ExpressionParser(text, configPath).parse());
  }

  /** The value for a sample; NaN when it has no finite one. */
  public double evaluate(Sample sample) {
    return number(root.value(sample));
  }

  /** Part of a formula. Its value is a Double, text, Boolean, map, list or null; NaN is failure. */
  interface Node {
    Object value(Sample sample);
  }

  record Constant(Double number) implements Node {
    @Override
    public Object value(Sample sample) {
      return number;
    }
  }

  record Negation(Node operand) implements Node {
    @Override
    public Object value(Sample sample) {
      return -number(operand.value(sample));
    }
  }

  record Not(Node operand) implements Node {
    @Override
    public Object value(Sample sample) {
      Object value = operand.value(sample);
      return failed(value) ? NOTHING : (Object) !truthy(value);
    }
  }

  /** {@code or} and {@code and} give one of their operands, as in Python. */
  record Choice(boolean or, Node left, Node right) implements Node {
    @Override
    public Object value(Sample sample) {
      Object value = left.value(sample);
      return failed(value) || truthy(value) == or ? value : right.value(sample);
    }
  }

  record Arithmetic(String operator, Node left, Node right) implements Node {
    @Override
    public Object value(Sample sample) {
      double a = number(left.value(sample));
      double b = number(right.value(sample));
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

  record Field(String name) implements Node {
    @Override
    public Object value(Sample sample) {
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
  record MetadataField(List<String> path, ConcurrentHashMap<Metadata, Object> known)
      implements Node {
    private static final Object MISSING = Map.of();

    @Override
    public Object value(Sample sample) {
      Object value = known.get(sample.metadata());
      if (value == null) {
        Object found = find(MetadataTree.of(sample.metadata()), 0);
        value = found == null ? MISSING : found;
        if (known.size() >= CACHED) {
          known.clear();
        }
        known.put(sample.metadata(), value);
      }
      return value;
    }

    /** Also finds keys that contain dots, as flattened metadata has them. */
    private Object find(Object tree, int from) {
      if (from == path.size()) {
        return tree;
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
