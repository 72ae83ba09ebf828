package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import io.sonde.pipeline.Expression.Arithmetic;
import io.sonde.pipeline.Expression.Choice;
import io.sonde.pipeline.Expression.Constant;
import io.sonde.pipeline.Expression.Field;
import io.sonde.pipeline.Expression.MetadataField;
import io.sonde.pipeline.Expression.Negation;
import io.sonde.pipeline.Expression.Node;
import io.sonde.pipeline.Expression.Not;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recursive descent with Python's precedence: {@code or}, {@code and}, {@code not}, sums, products,
 * sign, power (which binds to the right, and tighter than a sign before it).
 */
final class ExpressionParser {
  private static final int MAX_LENGTH = 1000;
  private static final int MAX_DEPTH = 50;
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(\\d+\\.?\\d*(?:[eE][+-]?\\d+)?|\\.\\d+(?:[eE][+-]?\\d+)?)"
              + "|([A-Za-z_]\\w*(?:\\.\\w+)*)|(\\*\\*|//|[-+*/%()]))");
  private static final Set<String> FIELDS =
      Set.of(
          "volume",
          "name",
          "type",
          "unit",
          "source",
          "resource_id",
          "user_id",
          "project_id",
          "timestamp");
  private static final String METADATA = "resource_metadata";

  private final String text;
  private final String path;
  private final Matcher matcher;
  private int depth;

  /** The token at hand; empty at the end. */
  private String token;

  private int start;
  private boolean number;

  ExpressionParser(String text, String path) {
    this.text = text;
    this.path = path;
    this.matcher = TOKEN.matcher(text);
  }

  Node parse() {
    if (text.length() > MAX_LENGTH) {
      throw new ConfigException(
          path, text.substring(0, 20) + "…", "at most " + MAX_LENGTH + " characters long");
    }
    advance(0);
    Node root = or();
    if (!token.isEmpty()) {
      throw error("an operator or the end");
    }
    return root;
  }

  private Node or() {
    enter();
    Node left = and();
    while (take("or")) {
      left = new Choice(true, left, and());
    }
    depth--;
    return left;
  }

  private Node and() {
    Node left = not();
    while (take("and")) {
      left = new Choice(false, left, not());
    }
    return left;
  }

  private Node not() {
    if (!take("not")) {
      return sum();
    }
    enter();
    Node node = new Not(not());
    depth--;
    return node;
  }

  private Node sum() {
    Node left = product();
    while (is("+") || is("-")) {
      left = new Arithmetic(next(), left, product());
    }
    return left;
  }

  private Node product() {
    Node left = signed();
    while (is("*") || is("/") || is("//") || is("%")) {
      left = new Arithmetic(next(), left, signed());
    }
    return left;
  }

  private Node signed() {
    enter();
    Node node = take("-") ? new Negation(signed()) : take("+") ? signed() : power();
    depth--;
    return node;
  }

  private Node power() {
    Node base = atom();
    return is("**") ? new Arithmetic(next(), base, signed()) : base;
  }

  private Node atom() {
    if (take("(")) {
      Node inner = or();
      if (!take(")")) {
        throw error(")");
      }
      return inner;
    }
    if (number) {
      return new Constant(Double.valueOf(next()));
    }
    if (FIELDS.contains(token)) {
      return new Field(next());
    }
    if (token.equals(METADATA) || token.startsWith(METADATA + ".")) {
      List<String> names = List.of(next().split("\\.", -1));
      return new MetadataField(names.subList(1, names.size()), new ConcurrentHashMap<>());
    }
    throw error("a number, ( or a field of a sample");
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw error("less nesting");
    }
  }

  private boolean is(String wanted) {
    return token.equals(wanted);
  }

  private boolean take(String wanted) {
    if (!token.equals(wanted)) {
      return false;
    }
    advance(matcher.end());
    return true;
  }

  private String next() {
    String taken = token;
    advance(matcher.end());
    return taken;
  }

  private void advance(int from) {
    if (text.substring(from).isBlank()) {
      token = "";
      number = false;
      start = text.length();
      return;
    }
    if (!matcher.region(from, text.length()).lookingAt()) {
      start = from;
      while (Character.isWhitespace(text.charAt(start))) {
        start++;
      }
      throw error("a number, a name or an operator");
    }
    number = matcher.group(1) != null;
    int group = number ? 1 : matcher.group(2) != null ? 2 : 3;
    token = matcher.group(group);
    start = matcher.start(group);
  }

  private ConfigException error(String expected) {
    return new ConfigException(
        path, text, "an expression: expected " + expected + " at position " + (start + 1));
  }
}
