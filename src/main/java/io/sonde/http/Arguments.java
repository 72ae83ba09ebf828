package io.sonde.http;

import akka.http.javadsl.model.HttpRequest;
import java.math.BigInteger;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The query string of a request. Strict, as in the original: an argument that nobody reads or a
 * second value where one is meant is an error, never ignored, for a filter that silently does not
 * apply gives wrong figures.
 */
final class Arguments {
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);

  private final Map<String, List<String>> values;

  private Arguments(Map<String, List<String>> values) {
    this.values = values;
  }

  /** The arguments of a request, which may have no others than these. */
  static Arguments of(HttpRequest request, Set<String> known) {
    Map<String, List<String>> values = new TreeMap<>();
    for (String pair : request.getUri().rawQueryString().orElse("").split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
        values.computeIfAbsent(name, absent -> new ArrayList<>()).add(value);
      }
    }
    return of(values, known);
  }

  /** The same of values that are read already. */
  static Arguments of(Map<String, List<String>> values, Set<String> known) {
    Set<String> unknown = new TreeSet<>(values.keySet());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw ApiException.unknownArgument(String.join(", ", unknown));
    }
    return new Arguments(values);
  }

  /** All values of an argument that may be repeated, in the order in which they came. */
  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  /** The value of an argument that may stand once, or null. */
  String one(String name) {
    List<String> given = all(name);
    if (given.size() > 1) {
      throw ApiException.invalidInput(name, String.join(", ", given), "Given more than once.");
    }
    return given.isEmpty() ? null : given.get(0);
  }

  /**
   * A whole number, or the default where the argument is absent. One beyond 64 bits is the nearest
   * that fits: whoever asks for at most 10^20 answers asks for all.
   */
  long number(String name, long absent) {
    String text = one(name);
    if (text == null) {
      return absent;
    }
    try {
      return new BigInteger(text.strip()).min(MOST).max(LEAST).longValueExact();
    } catch (NumberFormatException e) {
      throw ApiException.invalidInput(
          name,
          text,
          "unable to convert to int. Error: invalid literal for int() with base 10: '"
              + ApiException.shown(text)
              + "'");
    }
  }

  /** A truth value, or the default where the argument is absent. */
  boolean truth(String name, boolean absent) {
    String text = one(name);
    if (text == null) {
      return absent;
    }
    Boolean value = MetadataValue.truth(text);
    if (value == null) {
      throw ApiException.invalidInput(name, text, "a boolean is expected");
    }
    return value;
  }

  /** How many answers are wanted at most. */
  int limit(int absent) {
    long limit = number("limit", absent);
    if (limit <= 0) {
      throw ApiException.badRequest("Limit must be positive");
    }
    return (int) Math.min(limit, Integer.MAX_VALUE);
  }

  /** A name or value as it is meant. */
  static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest("The query string cannot be read: " + ApiException.shown(text));
    }
  }
}
