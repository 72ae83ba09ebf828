package io.sonde.expression;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The functions of Python that formulas can call. */
final class Functions {
  /** How many arguments something takes. */
  record Arity(int least, int most) {
    static final Arity NONE = new Arity(0, 0);
    static final Arity ONE = new Arity(1, 1);
    static final Arity ONE_OR_TWO = new Arity(1, 2);

    boolean takes(int count) {
      return least <= count && count <= most;
    }

    @Override
    public String toString() {
      return least == most
          ? (least == 0 ? "no argument" : least == 1 ? "one argument" : least + " arguments")
          : "from " + least + " to " + most + " arguments";
    }
  }

  private static final Arity SEVERAL = new Arity(1, 100);

  /** All that can be called, and with how much; {@code filter} and {@code map} are syntax. */
  static final Map<String, Arity> ARITIES =
      Map.ofEntries(
          Map.entry("abs", Arity.ONE),
          Map.entry("all", Arity.ONE),
          Map.entry("any", Arity.ONE),
          Map.entry("bool", Arity.ONE),
          Map.entry("float", Arity.ONE),
          Map.entry("int", Arity.ONE),
          Map.entry("len", Arity.ONE),
          Map.entry("list", Arity.ONE),
          Map.entry("max", SEVERAL),
          Map.entry("min", SEVERAL),
          Map.entry("next", Arity.ONE_OR_TWO),
          Map.entry("round", Arity.ONE_OR_TWO),
          Map.entry("sorted", Arity.ONE),
          Map.entry("str", Arity.ONE),
          Map.entry("sum", Arity.ONE));

  /** Those that make numbers of numbers. */
  static final Map<String, Arity> OF_NUMBERS =
      Map.of(
          "abs", Arity.ONE,
          "float", Arity.ONE,
          "int", Arity.ONE,
          "max", SEVERAL,
          "min", SEVERAL,
          "round", Arity.ONE);

  private static final int MAX_DIGITS = 1000;
  private static final int MAX_PLACES = 400;
  private static final Set<String> NOT_FINITE = Set.of("nan", "inf", "infinity");

  private Functions() {}

  static Object call(String function, List<Object> arguments, Scope scope) {
    Object first = arguments.get(0);
    return switch (function) {
      case "abs" -> abs(first);
      case "all" -> Values.entries(first, scope).stream().allMatch(Values::isTrue);
      case "any" -> Values.entries(first, scope).stream().anyMatch(Values::isTrue);
      case "bool" -> Values.isTrue(first);
      case "float" -> decimal(first);
      case "int" -> whole(first);
      case "len" -> (long) Values.length(first);
      case "list" -> new ArrayList<>(counted(first, scope));
      case "max" -> extreme(1, arguments, scope);
      case "min" -> extreme(-1, arguments, scope);
      case "next" -> next(arguments, scope);
      case "round" -> round(first, arguments.size() > 1 ? arguments.get(1) : null);
      case "sorted" ->
          counted(first, scope).stream().sorted((a, b) -> Values.compare(a, b, scope)).toList();
      case "str" -> Values.text(first, scope);
      default -> sum(counted(first, scope), scope);
    };
  }

  private static List<Object> counted(Object value, Scope scope) {
    List<?> entries = Values.entries(value, scope);
    scope.spend(entries.size());
    return new ArrayList<>(entries);
  }

  private static Object abs(Object value) {
    if (value instanceof Double number) {
      return Math.abs(number);
    }
    if (Values.isWhole(value)) {
      return Values.kept(Values.whole(value).abs());
    }
    throw new ExpressionException("abs of " + Values.kind(value));
  }

  private static Double decimal(Object value) {
    if (Values.isNumber(value)) {
      return Values.decimal(value);
    }
    if (value instanceof String text && text.length() <= MAX_DIGITS) {
      String stripped = text.strip();
      try {
        // Java reads 1f and 0x1p3 too; Python does not.
        if (!stripped.isEmpty()
            && "0123456789.".indexOf(stripped.charAt(stripped.length() - 1)) >= 0
            && stripped.indexOf('x') < 0
            && stripped.indexOf('X') < 0) {
          return Values.finite(Double.parseDouble(stripped));
        }
      } catch (NumberFormatException e) {
        // Told below.
      }
      String word = stripped.replaceFirst("^[-+]", "").toLowerCase(Locale.ROOT);
      if (NOT_FINITE.contains(word)) {
        return Values.finite(Double.NaN);
      }
    }
    throw new ExpressionException("float of " + notNumber(value));
  }

  private static Object whole(Object value) {
    if (Values.isWhole(value)) {
      return Values.kept(Values.whole(value));
    }
    if (value instanceof Double number) {
      return Values.kept(new BigDecimal(Values.finite(number)).toBigInteger());
    }
    if (value instanceof String text && text.length() <= MAX_DIGITS) {
      String stripped = text.strip();
      if (stripped.matches("[-+]?[0-9]+(_[0-9]+)*")) {
        return Values.kept(new BigInteger(stripped.replace("_", "")));
      }
    }
    throw new ExpressionException("int of " + notNumber(value));
  }

  private static String notNumber(Object value) {
    return value instanceof String ? "the text " + Values.shown(value) : Values.kind(value);
  }

  /** To even where two are as near; to a whole number, unless places are given. */
  private static Object round(Object value, Object places) {
    if (!Values.isNumber(value)) {
      throw new ExpressionException("round of " + Values.kind(value));
    }
    BigDecimal exact =
        value instanceof Double number
            ? new BigDecimal(Values.finite(number))
            : new BigDecimal(Values.whole(value));
    int scale =
        places == null ? 0 : Math.max(-MAX_PLACES, Math.min(MAX_PLACES, Values.place(places)));
    BigDecimal rounded = exact.setScale(scale, RoundingMode.HALF_EVEN);
    return value instanceof Double && places != null
        ? (Object) Values.finite(rounded.doubleValue())
        : Values.kept(rounded.toBigInteger());
  }

  /** Of several, or of the entries of one that has some; the first of equal ones. */
  private static Object extreme(int sign, List<Object> arguments, Scope scope) {
    boolean isOfEntries = arguments.size() == 1 && !Values.isNumber(arguments.get(0));
    List<Object> all = isOfEntries ? counted(arguments.get(0), scope) : arguments;
    if (all.isEmpty()) {
      throw ExpressionException.absence("there is nothing to choose from");
    }
    Object best = all.get(0);
    for (Object each : all.subList(1, all.size())) {
      best = Values.compare(each, best, scope) * sign > 0 ? each : best;
    }
    return best;
  }

  private static Object next(List<Object> arguments, Scope scope) {
    List<?> entries = Values.entries(arguments.get(0), scope);
    if (!entries.isEmpty()) {
      return entries.get(0);
    }
    if (arguments.size() == 1) {
      throw ExpressionException.absence("there is no next");
    }
    return arguments.get(1);
  }

  private static Object sum(List<Object> entries, Scope scope) {
    Object sum = 0L;
    for (Object entry : entries) {
      if (!Values.isNumber(entry)) {
        throw new ExpressionException("sum of " + Values.kind(entry));
      }
      sum = Values.arithmetic("+", sum, entry, scope);
    }
    return sum;
  }
}
