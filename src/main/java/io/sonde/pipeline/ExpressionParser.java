package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import io.sonde.pipeline.Expression.Arithmetic;
import io.sonde.pipeline.Expression.Call;
import io.sonde.pipeline.Expression.Choice;
import io.sonde.pipeline.Expression.Comparison;
import io.sonde.pipeline.Expression.Conditional;
import io.sonde.pipeline.Expression.Constant;
import io.sonde.pipeline.Expression.Field;
import io.sonde.pipeline.Expression.MetadataField;
import io.sonde.pipeline.Expression.Negation;
import io.sonde.pipeline.Expression.Node;
import io.sonde.pipeline.Expression.Not;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recursive descent with Python's precedence: {@code if else}, {@code or}, {@code and}, {@code
 * not}, comparisons (of two, not chained), sums, products, sign, power (which binds to the right,
 * and tighter than a sign before it).
 */
final class ExpressionParser {
  private static final int MAX_LENGTH = 1000;
  private static final int MAX_DEPTH = 50;
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(\\d+\\.?\\d*(?:[eE][+-]?\\d+)?|\\.\\d+(?:[eE][+-]?\\d+)?)"
              + "|([A-Za-z_]\\w*(?:\\.\\w+)*)"
              + "|(\\*\\*|//|==|!=|<=|>=|[-+*/%()<>,\\[\\]])"
              + "|'([^'\\\\]*)'|\"([^\"\\\\]*)\""
              + "|\\$\\(\\s*([^()$\\s]+)\\s*\\)|\\.([A-Za-z_]\\w*(?:\\.\\w+)*))");
  private static final int NUMBER = 1;
  private static final int NAME = 2;
  private static final int OPERATOR = 3;
  private static final int TEXT = 4;
  private static final int OTHER_TEXT = 5;
  private static final int METER = 6;
  private static final int ATTRIBUTE = 7;
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
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
  private final boolean isOfMeters;
  private final Matcher matcher;
  private final Set<String> meters = new LinkedHashSet<>();
  private int depth;

  /** The token at hand; empty at the end. */
  private String token;

  private int start;

  /** The group of the pattern that the token matched; 0 at the end. */
  private int kind;

  /** Where {@code isOfMeters}, all fields are those of meters that are named. */
  ExpressionParser(String text, String path, boolean isOfMeters) {
    this.text = text;
    this.path = path;
    this.isOfMeters = isOfMeters;
    this.matcher = TOKEN.matcher(text);
  }

  /** The meters that were named, in their order. */
  Set<String> meters() {
    return Collections.unmodifiableSet(meters);
  }

  Node parse() {
    if (text.length() > MAX_LENGTH) {
      throw new ConfigException(
          path, text.substring(0, 20) + "…", "at most " + MAX_LENGTH + " characters long");
    }
    advance(0);
    Node root = conditional();
    if (kind != 0) {
      throw error("an operator or the end");
    }
    if (isOfMeters && meters.isEmpty()) {
      throw error("at least one meter, as $(meter),");
    }
    return root;
  }

  private Node conditional() {
    Node then = or();
    if (!take("if")) {
      return then;
    }
    enter();
    Node condition = or();
    if (!take("else")) {
      throw error("else");
    }
    Node node = new Conditional(condition, then, conditional());
    depth--;
    return node;
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
      return comparison();
    }
    enter();
    Node node = new Not(not());
    depth--;
    return node;
  }

  private Node comparison() {
    Node left = sum();
    return kind == OPERATOR && COMPARISONS.contains(token)
        ? new Comparison(next(), left, sum())
        : left;
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
      Node inner = conditional();
      expect(")");
      return inner;
    }
    return switch (kind) {
      case NUMBER -> new Constant(Double.valueOf(next()));
      case TEXT, OTHER_TEXT -> new Constant(next());
      case METER -> meter();
      case NAME -> named();
      default -> throw noOperand();
    };
  }

  private Node meter() {
    if (!isOfMeters) {
      throw noOperand();
    }
    String meter = next();
    meters.add(meter);
    return kind == ATTRIBUTE ? field(meter, next()) : new Field(meter, "volume");
  }

  private Node named() {
    if (take("None")) {
      return new Constant(null);
    }
    if (is("True") || is("False")) {
      return new Constant(next().equals("True"));
    }
    if (Call.FUNCTIONS.contains(token)) {
      return call(next());
    }
    if (isOfMeters || !isField(token)) {
      throw noOperand();
    }
    return field(null, next());
  }

  private ConfigException noOperand() {
    return error("a number, ( or a field of a sample");
  }

  private Node call(String function) {
    enter();
    expect("(");
    List<Node> arguments = new ArrayList<>();
    do {
      arguments.add(conditional());
    } while (take(","));
    if (!Call.takes(function, arguments.size())) {
      throw error("one argument of " + function);
    }
    expect(")");
    depth--;
    return new Call(function, arguments);
  }

  private static boolean isField(String name) {
    return FIELDS.contains(name) || name.equals(METADATA) || name.startsWith(METADATA + ".");
  }

  private Node field(String meter, String name) {
    if (!isField(name)) {
      throw error("a field of a sample after $(" + meter + ")");
    }
    if (FIELDS.contains(name)) {
      return new Field(meter, name);
    }
    List<String> names = new ArrayList<>(List.of(name.split("\\.", -1)));
    names.remove(0);
    while (kind == ATTRIBUTE || is("[")) {
      if (kind == ATTRIBUTE) {
        names.addAll(List.of(next().split("\\.", -1)));
        continue;
      }
      next();
      if (kind != TEXT && kind != OTHER_TEXT && kind != NUMBER) {
        throw error("a text or a number between [ and ]");
      }
      names.add(next());
      expect("]");
    }
    return new MetadataField(meter, List.copyOf(names), new ConcurrentHashMap<>());
  }

  private void expect(String wanted) {
    if (!take(wanted)) {
      throw error(wanted);
    }
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw error("less nesting");
    }
  }

  /** A text in quotes is no operator and no word, whatever it says. */
  private boolean is(String wanted) {
    return (kind == OPERATOR || kind == NAME) && token.equals(wanted);
  }

  private boolean take(String wanted) {
    if (!is(wanted)) {
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
      kind = 0;
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
    kind = 1;
    while (matcher.group(kind) == null) {
      kind++;
    }
    token = matcher.group(kind);
    start = matcher.start();
    while (Character.isWhitespace(text.charAt(start))) {
      start++;
    }
  }

  private ConfigException error(String expected) {
    return new ConfigException(
        path, text, "an expression: expected " + expected + " at position " + (start + 1));
  }
}
