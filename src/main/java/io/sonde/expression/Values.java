package io.sonde.expression;

import io.sonde.model.PythonText;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What Python's operators make of values: null, Boolean, whole numbers (Integer, Long, BigInteger),
 * Double, text, lists, and maps.
 */
final class Values {
  /** Longest text that can read as a number in a formula over samples. */
  private static final int MAX_NUMBER = 40;

  /** Lists and maps within each other that are compared or written. */
  private static final int MAX_DEPTH = 500;

  /** Bits that a whole number may have. */
  private static final int MAX_BITS = 4096;

  private Values() {}

  static boolean isTrue(Object value) {
    if (value instanceof Double number) {
      return number != 0;
    }
    if (value instanceof Boolean bool) {
      return bool;
    }
    if (isWhole(value)) {
      return whole(value).signum() != 0;
    }
    return (value instanceof String text && !text.isEmpty())
        || (value instanceof Map<?, ?> map && !map.isEmpty())
        || (value instanceof List<?> list && !list.isEmpty());
  }

  /** Whether a value counts as a whole number, as truth does. */
  static boolean isWhole(Object value) {
    return value instanceof Integer
        || value instanceof Long
        || value instanceof BigInteger
        || value instanceof Boolean;
  }

  static boolean isNumber(Object value) {
    return value instanceof Double || isWhole(value);
  }

  static BigInteger whole(Object value) {
    if (value instanceof BigInteger whole) {
      return whole;
    }
    return value instanceof Boolean bool
        ? bool ? BigInteger.ONE : BigInteger.ZERO
        : BigInteger.valueOf(((Number) value).longValue());
  }

  /** A whole number as it is kept: as a long where it fits. */
  static Object kept(BigInteger whole) {
    if (whole.bitLength() > MAX_BITS) {
      throw new ExpressionException("a number of more than " + MAX_BITS + " bits");
    }
    return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : whole;
  }

  /** Of a number; fails beyond what a double can be. */
  static double decimal(Object number) {
    return finite(number instanceof Double known ? known : whole(number).doubleValue());
  }

  static double finite(double number) {
    if (!Double.isFinite(number)) {
      throw new ExpressionException("no finite number");
    }
    return number;
  }

  /** A place in something, a count. */
  static int place(Object value) {
    if (!isWhole(value)) {
      throw new ExpressionException(kind(value) + " where a whole number must be");
    }
    BigInteger whole = whole(value);
    return whole.bitLength() < Integer.SIZE
        ? whole.intValue()
        : whole.signum() < 0 ? -Integer.MAX_VALUE : Integer.MAX_VALUE;
  }

  /**
   * What a value counts as where everything is a number: text that reads as one is; NaN is none.
   */
  static double asNumber(Object value) {
    double number = Double.NaN;
    if (value instanceof Double known) {
      number = known;
    } else if (isWhole(value)) {
      number = whole(value).doubleValue();
    } else if (value instanceof String text && text.length() <= MAX_NUMBER) {
      try {
        number = Double.parseDouble(text.trim());
      } catch (NumberFormatException e) {
        // Text, hence no number: it stays NaN.
      }
    }
    return Double.isFinite(number) ? number : Double.NaN;
  }

  static Object negated(Object value) {
    if (value instanceof Double number) {
      return -number;
    }
    if (isWhole(value)) {
      return kept(whole(value).negate());
    }
    throw new ExpressionException("- of " + kind(value));
  }

  static Object arithmetic(String operator, Object a, Object b, Scope scope) {
    if (a instanceof Double x && b instanceof Double y) {
      return arithmetic(operator, x.doubleValue(), y.doubleValue());
    }
    if (isWhole(a) && isWhole(b)) {
      return arithmetic(operator, whole(a), whole(b));
    }
    if (isNumber(a) && isNumber(b)) {
      return arithmetic(operator, decimal(a), decimal(b));
    }
    if (operator.equals("+") && a instanceof String x && b instanceof String y) {
      scope.spend((long) x.length() + y.length());
      return x + y;
    }
    if (operator.equals("+") && a instanceof List<?> x && b instanceof List<?> y) {
      scope.spend((long) x.size() + y.size());
      List<Object> both = new ArrayList<>(x);
      both.addAll(y);
      return both;
    }
    throw new ExpressionException(operator + " of " + kind(a) + " and " + kind(b));
  }

  private static Double arithmetic(String operator, double a, double b) {
    return finite(
        switch (operator) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          case "/" -> a / b;
          case "//" -> Math.floor(a / b);
          case "%" -> a - Math.floor(a / b) * b;
          default -> Math.pow(a, b);
        });
  }

  private static Object arithmetic(String operator, BigInteger a, BigInteger b) {
    return switch (operator) {
      case "+" -> kept(a.add(b));
      case "-" -> kept(a.subtract(b));
      case "*" -> kept(a.multiply(b));
      case "/" -> arithmetic(operator, decimal(a), decimal(b));
      case "//" -> kept(floor(a, b)[0]);
      case "%" -> kept(floor(a, b)[1]);
      default -> power(a, b);
    };
  }

  /** The quotient rounded down, and what is left, with the sign of the divisor. */
  private static BigInteger[] floor(BigInteger a, BigInteger b) {
    if (b.signum() == 0) {
      throw new ExpressionException("a division by zero");
    }
    BigInteger[] parts = a.divideAndRemainder(b);
    if (parts[1].signum() * b.signum() < 0) {
      parts[0] = parts[0].subtract(BigInteger.ONE);
      parts[1] = parts[1].add(b);
    }
    return parts;
  }

  private static Object power(BigInteger base, BigInteger exponent) {
    if (exponent.signum() < 0) {
      return arithmetic("**", decimal(base), decimal(exponent));
    }
    boolean isSmall = exponent.bitLength() < Integer.SIZE;
    if (!isSmall || (long) base.bitLength() * exponent.intValue() > MAX_BITS) {
      throw new ExpressionException("a number of more than " + MAX_BITS + " bits");
    }
    return kept(base.pow(exponent.intValue()));
  }

  /** {@code ==}: numbers by what they are worth, lists and maps by what is in them. */
  static boolean areEqual(Object a, Object b, Scope scope) {
    return areEqual(a, b, scope, MAX_DEPTH);
  }

  private static boolean areEqual(Object a, Object b, Scope scope, int depth) {
    scope.spend(1);
    checkDepth(depth);
    if (isNumber(a) && isNumber(b)) {
      boolean areWhole = isWhole(a) && isWhole(b);
      return areWhole ? whole(a).equals(whole(b)) : asNumber(a) == asNumber(b);
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      if (x.size() != y.size()) {
        return false;
      }
      for (int i = 0; i < x.size(); i++) {
        if (!areEqual(x.get(i), y.get(i), scope, depth - 1)) {
          return false;
        }
      }
      return true;
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      if (x.size() != y.size()) {
        return false;
      }
      for (Map.Entry<?, ?> entry : x.entrySet()) {
        Object key = entry.getKey();
        if (!y.containsKey(key) || !areEqual(entry.getValue(), y.get(key), scope, depth - 1)) {
          return false;
        }
      }
      return true;
    }
    if (a instanceof String x && b instanceof String y && x.length() == y.length()) {
      scope.spend(x.length());
    }
    return a == null ? b == null : a.equals(b);
  }

  /** How two numbers or two texts stand to each other; there is no order of others. */
  static int compare(Object a, Object b, Scope scope) {
    if (isWhole(a) && isWhole(b)) {
      return whole(a).compareTo(whole(b));
    }
    if (isNumber(a) && isNumber(b)) {
      return Double.compare(decimal(a) + 0.0, decimal(b) + 0.0);
    }
    if (a instanceof String x && b instanceof String y) {
      scope.spend(1L + Math.min(x.length(), y.length()));
      return x.compareTo(y);
    }
    throw new ExpressionException("no order of " + kind(a) + " and " + kind(b));
  }

  /** {@code item in container}. */
  static boolean contains(Object container, Object item, Scope scope) {
    if (container instanceof String text && item instanceof String part) {
      scope.spend(text.length());
      return text.contains(part);
    }
    if (container instanceof List<?> list) {
      scope.spend(list.size());
      return list.stream().anyMatch(each -> areEqual(each, item, scope));
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(key(item));
    }
    throw new ExpressionException("in of " + kind(container));
  }

  /** {@code container[index]}. */
  static Object part(Object container, Object index, Scope scope) {
    if (container instanceof Map<?, ?> map) {
      Object key = key(index);
      if (!map.containsKey(key)) {
        throw ExpressionException.absence("there is no " + shown(index));
      }
      return map.get(key);
    }
    if (container == null) {
      throw ExpressionException.absence("there is nothing to take " + shown(index) + " of");
    }
    int length = length(container);
    int place = place(index);
    place = place < 0 ? place + length : place;
    if (place < 0 || place >= length) {
      throw ExpressionException.absence("there is no " + shown(index) + " of " + length);
    }
    if (container instanceof List<?> list) {
      return list.get(place);
    }
    String text = (String) container;
    scope.spend(text.length());
    return character(text, text.offsetByCodePoints(0, place));
  }

  /** {@code container[from:to:step]}; null is what Python takes where nothing is written. */
  static Object slice(Object container, Object from, Object to, Object step, Scope scope) {
    boolean isText = container instanceof String;
    if (isText && step == null) {
      return between((String) container, from, to, scope);
    }
    if (!isText && !(container instanceof List<?>)) {
      throw new ExpressionException("[ : ] of " + kind(container));
    }
    List<?> all = isText ? characters((String) container, scope) : (List<?>) container;
    int by = step == null ? 1 : place(step);
    if (by == 0) {
      throw new ExpressionException("a step of 0");
    }
    int first = bound(from, by > 0 ? 0 : all.size() - 1, all.size(), by);
    int end = bound(to, by > 0 ? all.size() : -1, all.size(), by);
    List<Object> taken = new ArrayList<>();
    for (long i = first; by > 0 ? i < end : i > end; i += by) {
      taken.add(all.get((int) i));
    }
    scope.spend(taken.size());
    return isText ? joined(taken) : taken;
  }

  private static String between(String text, Object from, Object to, Scope scope) {
    scope.spend(text.length());
    int length = length(text);
    int first = bound(from, 0, length, 1);
    int end = Math.max(first, bound(to, length, length, 1));
    int start = text.offsetByCodePoints(0, first);
    return text.substring(start, text.offsetByCodePoints(start, end - first));
  }

  private static int bound(Object given, int absent, int size, int step) {
    if (given == null) {
      return absent;
    }
    long place = place(given);
    place = place < 0 ? place + size : place;
    int least = step > 0 ? 0 : -1;
    int most = step > 0 ? size : size - 1;
    return (int) Math.max(least, Math.min(most, place));
  }

  /** Characters of a text, entries of a list or a map. */
  static int length(Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    throw new ExpressionException("no length and no parts of " + kind(value));
  }

  /** What a loop goes through: entries of a list, keys of a map, characters of a text. */
  static List<?> entries(Object value, Scope scope) {
    if (value instanceof List<?> list) {
      return list;
    }
    if (value instanceof Map<?, ?> map) {
      scope.spend(map.size());
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      return characters(text, scope);
    }
    throw new ExpressionException("no entries of " + kind(value));
  }

  private static List<String> characters(String text, Scope scope) {
    scope.spend(text.length());
    List<String> characters = new ArrayList<>();
    for (int i = 0; i < text.length(); i += characters.get(characters.size() - 1).length()) {
      characters.add(character(text, i));
    }
    return characters;
  }

  private static String character(String text, int at) {
    return text.substring(at, at + Character.charCount(text.codePointAt(at)));
  }

  private static String joined(List<?> texts) {
    StringBuilder out = new StringBuilder();
    texts.forEach(out::append);
    return out.toString();
  }

  /** A key of a map as maps have them: numbers of one worth are one key. */
  static Object key(Object value) {
    if (value instanceof List<?> || value instanceof Map<?, ?>) {
      throw new ExpressionException(kind(value) + " as a key");
    }
    if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
      return number.longValue();
    }
    return isWhole(value) ? kept(whole(value)) : value;
  }

  /** A map of these, keys as maps have them. */
  static Map<Object, Object> map(List<?> keys, List<?> values) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      map.put(key(keys.get(i)), values.get(i));
    }
    return map;
  }

  /** A value as errors name its kind. */
  static String kind(Object value) {
    if (value == null) {
      return "None";
    }
    return value instanceof String
        ? "a text"
        : value instanceof Boolean
            ? "a truth value"
            : isNumber(value) ? "a number" : value instanceof List<?> ? "a list" : "a map";
  }

  /** {@code str}: pays while it writes, so that a small value of many large parts is refused. */
  static String text(Object value, Scope scope) {
    if (value instanceof String text) {
      scope.spend(text.length());
      return text;
    }
    StringBuilder out = new StringBuilder();
    write(value, out, scope, MAX_DEPTH);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out, Scope scope, int depth) {
    checkDepth(depth);
    if (value instanceof List<?> list) {
      String separator = "[";
      for (Object entry : list) {
        write(separator, out, scope);
        write(entry, out, scope, depth - 1);
        separator = ", ";
      }
      write(list.isEmpty() ? "[]" : "]", out, scope);
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        write(separator, out, scope);
        write(entry.getKey(), out, scope, depth - 1);
        write(": ", out, scope);
        write(entry.getValue(), out, scope, depth - 1);
        separator = ", ";
      }
      write(map.isEmpty() ? "{}" : "}", out, scope);
    } else {
      // As it stands in a list: a text with its quotes.
      String listed = PythonText.str(Collections.singletonList(value));
      write(listed.substring(1, listed.length() - 1), out, scope);
    }
  }

  private static void write(String text, StringBuilder out, Scope scope) {
    scope.spend(text.length());
    out.append(text);
  }

  private static void checkDepth(int left) {
    if (left == 0) {
      throw new ExpressionException("a value of more than " + MAX_DEPTH + " levels");
    }
  }

  /** A value as errors show it: not all of it. */
  static String shown(Object value) {
    if (value instanceof List<?> || value instanceof Map<?, ?>) {
      return kind(value);
    }
    String text = PythonText.str(value);
    return text.length() <= MAX_NUMBER ? text : text.substring(0, MAX_NUMBER) + "…";
  }
}
