package io.sonde.definition;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which notifications a definition is for, by their types: globs with exclusions ({@code
 * event-type}), or regular expressions that match from the start, not necessarily to the end
 * ({@code event-type-regex}).
 */
final class EventTypes {
  private static final String EXPECTED = "a text, or a list of texts";
  private static final String SIGNS = ".([{\\*+?^$";

  /** Null where there are expressions. */
  private final NameFilter globs;

  private final List<Pattern> expressions;

  /** Each type that is taken begins with one of these. */
  private final List<String> beginnings;

  private EventTypes(NameFilter globs, List<Pattern> expressions, List<String> beginnings) {
    this.globs = globs;
    this.expressions = List.copyOf(expressions);
    this.beginnings = beginnings.contains("") ? List.of("") : List.copyOf(beginnings);
  }

  /** Reads the one key or the other of a definition. */
  static EventTypes from(ConfigSection section) {
    boolean isRegex = section.has("event-type-regex");
    String key = isRegex ? "event-type-regex" : "event-type";
    if (isRegex && section.has("event-type")) {
      throw new ConfigException(
          section.path("event-type"),
          section.shown("event-type"),
          "of use beside event-type-regex: give one of them");
    }
    List<String> patterns =
        section.isText(key) ? List.of(section.text(key, EXPECTED)) : section.texts(key, EXPECTED);
    if (patterns.isEmpty()) {
      throw new ConfigException(section.path(key), "[]", "a list of at least one type");
    }
    return isRegex ? regexes(patterns, section.path(key)) : globs(patterns, section.path(key));
  }

  static EventTypes globs(List<String> patterns, String path) {
    List<String> beginnings = new ArrayList<>();
    for (String pattern : patterns) {
      if (!pattern.startsWith("!")) {
        beginnings.add(pattern.substring(0, endOfPlain(pattern, "*?[")));
      }
    }
    return new EventTypes(
        NameFilter.of(patterns, path), List.of(), beginnings.isEmpty() ? List.of("") : beginnings);
  }

  private static EventTypes regexes(List<String> patterns, String path) {
    List<Pattern> expressions = new ArrayList<>();
    List<String> beginnings = new ArrayList<>();
    for (String pattern : patterns) {
      try {
        expressions.add(Pattern.compile(pattern));
      } catch (PatternSyntaxException e) {
        throw new ConfigException(
            path, pattern, "a regular expression: " + e.getDescription() + " at " + e.getIndex());
      }
      int end = pattern.indexOf('|') >= 0 ? 0 : endOfPlain(pattern, SIGNS);
      boolean isRepeated =
          end > 0 && end < pattern.length() && "*?{".indexOf(pattern.charAt(end)) >= 0;
      beginnings.add(pattern.substring(0, isRepeated ? end - 1 : end));
    }
    return new EventTypes(null, expressions, beginnings);
  }

  private static int endOfPlain(String pattern, String signs) {
    int end = 0;
    while (end < pattern.length() && signs.indexOf(pattern.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  boolean matches(String type) {
    boolean mayMatch = false;
    for (int i = 0; i < beginnings.size() && !mayMatch; i++) {
      mayMatch = type.startsWith(beginnings.get(i));
    }
    return mayMatch && (globs != null ? globs.matches(type) : isMatchedByExpression(type));
  }

  private boolean isMatchedByExpression(String type) {
    for (Pattern expression : expressions) {
      if (expression.matcher(new Watched(type)).lookingAt()) {
        return true;
      }
    }
    return false;
  }

  /** A type that ends when it was read too often: expressions can take time without end. */
  private static final class Watched implements CharSequence {
    private static final int MOST_READS = 100_000;

    private final String type;
    private int reads;

    Watched(String type) {
      this.type = type;
    }

    @Override
    public char charAt(int i) {
      if (++reads > MOST_READS) {
        throw new NotificationException(
            "the type " + type + " takes an event-type-regex too long to compare");
      }
      return type.charAt(i);
    }

    @Override
    public int length() {
      return type.length();
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return type.subSequence(from, to);
    }

    @Override
    public String toString() {
      return type;
    }
  }
}
