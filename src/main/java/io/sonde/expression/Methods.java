package io.sonde.expression;

import io.sonde.expression.Functions.Arity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The methods of Python's texts, lists and dictionaries that formulas can call. */
final class Methods {
  /** All that can be called, and with how much. */
  static final Map<String, Arity> ARITIES =
      Map.ofEntries(
          Map.entry("capitalize", Arity.NONE),
          Map.entry("count", Arity.ONE),
          Map.entry("endswith", Arity.ONE),
          Map.entry("find", Arity.ONE),
          Map.entry("get", Arity.ONE_OR_TWO),
          Map.entry("index", Arity.ONE),
          Map.entry("isdigit", Arity.NONE),
          Map.entry("items", Arity.NONE),
          Map.entry("join", Arity.ONE),
          Map.entry("keys", Arity.NONE),
          Map.entry("lower", Arity.NONE),
          Map.entry("lstrip", new Arity(0, 1)),
          Map.entry("replace", new Arity(2, 3)),
          Map.entry("rsplit", new Arity(0, 2)),
          Map.entry("rstrip", new Arity(0, 1)),
          Map.entry("split", new Arity(0, 2)),
          Map.entry("splitlines", Arity.NONE),
          Map.entry("startswith", Arity.ONE),
          Map.entry("strip", new Arity(0, 1)),
          Map.entry("upper", Arity.NONE),
          Map.entry("values", Arity.NONE));

  /** A result may be null; this is none. */
  private static final Object NO_METHOD = new Object();

  private Methods() {}

  static Object call(Object value, String method, List<Object> arguments, Scope scope) {
    if (value == null) {
      throw ExpressionException.absence("there is nothing to " + method);
    }
    Object result = NO_METHOD;
    if (value instanceof String text) {
      scope.spend(text.length());
      result = ofText(text, method, arguments, scope);
    } else if (value instanceof Map<?, ?> map) {
      result = ofMap(map, method, arguments, scope);
    } else if (value instanceof List<?> list) {
      scope.spend(list.size());
      result = ofList(list, method, arguments, scope);
    }
    if (result == NO_METHOD) {
      throw new ExpressionException(Values.kind(value) + " has no " + method);
    }
    return result;
  }

  private static Object ofText(String text, String method, List<Object> arguments, Scope scope) {
    return switch (method) {
      case "capitalize" ->
          text.isEmpty()
              ? text
              : text.substring(0, 1).toUpperCase(Locale.ROOT)
                  + text.substring(1).toLowerCase(Locale.ROOT);
      case "count" -> count(text, text(arguments, 0));
      case "endswith" -> anyOf(arguments.get(0), text::endsWith);
      case "find" -> place(text, text(arguments, 0));
      case "index" -> found(place(text, text(arguments, 0)));
      case "isdigit" -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
      case "join" -> join(text, arguments.get(0), scope);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "lstrip" -> stripped(text, arguments, true, false);
      case "replace" -> replaced(text, arguments, scope);
      case "rsplit" -> split(text, arguments, true, scope);
      case "rstrip" -> stripped(text, arguments, false, true);
      case "split" -> split(text, arguments, false, scope);
      case "splitlines" -> text.lines().toList();
      case "startswith" -> anyOf(arguments.get(0), text::startsWith);
      case "strip" -> stripped(text, arguments, true, true);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      default -> NO_METHOD;
    };
  }

  private static Object ofMap(Map<?, ?> map, String method, List<Object> arguments, Scope scope) {
    return switch (method) {
      case "get" -> get(map, arguments);
      case "keys" -> Values.entries(map, scope);
      case "values" -> {
        scope.spend(map.size());
        yield new ArrayList<>(map.values());
      }
      case "items" -> {
        scope.spend(map.size());
        List<Object> items = new ArrayList<>();
        map.forEach((name, value) -> items.add(pair(name, value)));
        yield items;
      }
      default -> NO_METHOD;
    };
  }

  private static Object get(Map<?, ?> map, List<Object> arguments) {
    Object key = Values.key(arguments.get(0));
    if (map.containsKey(key)) {
      return map.get(key);
    }
    return arguments.size() > 1 ? arguments.get(1) : null;
  }

  private static List<Object> pair(Object name, Object value) {
    List<Object> pair = new ArrayList<>(2);
    pair.add(name);
    pair.add(value);
    return pair;
  }

  private static Object ofList(List<?> list, String method, List<Object> arguments, Scope scope) {
    if (!method.equals("count") && !method.equals("index")) {
      return NO_METHOD;
    }
    Object item = arguments.get(0);
    if (method.equals("count")) {
      return list.stream().filter(each -> Values.areEqual(each, item, scope)).count();
    }
    long place = 0;
    for (Object each : list) {
      if (Values.areEqual(each, item, scope)) {
        return place;
      }
      place++;
    }
    return found(-1);
  }

  private static long found(long place) {
    if (place < 0) {
      throw ExpressionException.absence("it is not in there");
    }
    return place;
  }

  private static String text(List<Object> arguments, int i) {
    if (arguments.get(i) instanceof String text) {
      return text;
    }
    throw new ExpressionException(Values.kind(arguments.get(i)) + " where a text must be");
  }

  private static long place(String text, String part) {
    int at = text.indexOf(part);
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  private static long count(String text, String part) {
    if (part.isEmpty()) {
      return Values.length(text) + 1L;
    }
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }

  /** Of a text, or of one of several. */
  private static boolean anyOf(Object wanted, Predicate<String> test) {
    List<?> all = wanted instanceof List<?> list ? list : List.of(String.valueOf(wanted));
    if (!(wanted instanceof String) && !(wanted instanceof List<?>)) {
      throw new ExpressionException(Values.kind(wanted) + " where a text must be");
    }
    return all.stream().anyMatch(each -> each instanceof String text && test.test(text));
  }

  private static String join(String between, Object parts, Scope scope) {
    StringBuilder out = new StringBuilder();
    boolean isFirst = true;
    for (Object part : Values.entries(parts, scope)) {
      if (!(part instanceof String text)) {
        throw new ExpressionException("join of " + Values.kind(part));
      }
      scope.spend(1L + between.length() + text.length());
      out.append(isFirst ? "" : between).append(text);
      isFirst = false;
    }
    return out.toString();
  }

  private static String replaced(String text, List<Object> arguments, Scope scope) {
    String old = text(arguments, 0);
    String other = text(arguments, 1);
    long most = arguments.size() > 2 ? Values.place(arguments.get(2)) : -1;
    long times = count(text, old);
    times = most < 0 ? times : Math.min(times, most);
    scope.spend(times * Math.max(1, other.length()));
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (long i = 0; i < times; i++) {
      int at = old.isEmpty() ? from : text.indexOf(old, from);
      out.append(text, from, at).append(other);
      from = at + old.length();
      if (old.isEmpty() && from < text.length()) {
        int next = text.offsetByCodePoints(from, 1);
        out.append(text, from, next);
        from = next;
      }
    }
    return out.append(text, from, text.length()).toString();
  }

  private static String stripped(String text, List<Object> arguments, boolean left, boolean right) {
    String set = arguments.isEmpty() || arguments.get(0) == null ? null : text(arguments, 0);
    IntPredicate isLoose = c -> set == null ? isSpace(c) : set.indexOf(c) >= 0;
    int from = 0;
    int to = text.length();
    while (left && from < to && isLoose.test(text.codePointAt(from))) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (right && to > from && isLoose.test(text.codePointBefore(to))) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return text.substring(from, to);
  }

  private static boolean isSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
  }

  /** At a separator, or at white space where none is given; so many times at most. */
  private static List<Object> split(
      String text, List<Object> arguments, boolean fromRight, Scope scope) {
    int most = arguments.size() > 1 ? Values.place(arguments.get(1)) : -1;
    String between = arguments.isEmpty() || arguments.get(0) == null ? null : text(arguments, 0);
    if (between != null && between.isEmpty()) {
      throw new ExpressionException("split at an empty text");
    }
    List<Object> parts =
        between == null
            ? fromRight ? wordsFromRight(text, most) : words(text, most)
            : fromRight ? partsFromRight(text, between, most) : parts(text, between, most);
    scope.spend(parts.size());
    return parts;
  }

  private static List<Object> parts(String text, String between, int most) {
    List<Object> parts = new ArrayList<>();
    int from = 0;
    int at = text.indexOf(between);
    while (at >= 0 && parts.size() != most) {
      parts.add(text.substring(from, at));
      from = at + between.length();
      at = text.indexOf(between, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static List<Object> partsFromRight(String text, String between, int most) {
    List<Object> parts = new ArrayList<>();
    int end = text.length();
    int at = text.lastIndexOf(between);
    while (at >= 0 && parts.size() != most) {
      parts.add(text.substring(at + between.length(), end));
      end = at;
      at = text.lastIndexOf(between, end - between.length());
    }
    parts.add(text.substring(0, end));
    Collections.reverse(parts);
    return parts;
  }

  private static List<Object> words(String text, int most) {
    List<Object> words = new ArrayList<>();
    int from = end(text, 0, true);
    while (from < text.length()) {
      int to = words.size() == most ? text.length() : end(text, from, false);
      words.add(text.substring(from, to));
      from = end(text, to, true);
    }
    return words;
  }

  private static List<Object> wordsFromRight(String text, int most) {
    List<Object> words = new ArrayList<>();
    int to = begin(text, text.length(), true);
    while (to > 0) {
      int from = words.size() == most ? 0 : begin(text, to, false);
      words.add(text.substring(from, to));
      to = begin(text, from, true);
    }
    Collections.reverse(words);
    return words;
  }

  /** Where a run of white space, or of anything else, ends. */
  private static int end(String text, int from, boolean isOfSpace) {
    int at = from;
    while (at < text.length() && isSpace(text.charAt(at)) == isOfSpace) {
      at++;
    }
    return at;
  }

  private static int begin(String text, int to, boolean isOfSpace) {
    int at = to;
    while (at > 0 && isSpace(text.charAt(at - 1)) == isOfSpace) {
      at--;
    }
    return at;
  }
}
