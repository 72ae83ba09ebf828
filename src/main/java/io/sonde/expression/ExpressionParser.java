package io.sonde.expression;

import io.sonde.expression.Functions.Arity;
import io.sonde.expression.Lexer.Kind;
import io.sonde.expression.Node.Arithmetic;
import io.sonde.expression.Node.AsNumber;
import io.sonde.expression.Node.Choice;
import io.sonde.expression.Node.Comparison;
import io.sonde.expression.Node.Comprehension;
import io.sonde.expression.Node.Conditional;
import io.sonde.expression.Node.Constant;
import io.sonde.expression.Node.Field;
import io.sonde.expression.Node.FunctionCall;
import io.sonde.expression.Node.ListOf;
import io.sonde.expression.Node.MapOf;
import io.sonde.expression.Node.Membership;
import io.sonde.expression.Node.MetadataField;
import io.sonde.expression.Node.MethodCall;
import io.sonde.expression.Node.Name;
import io.sonde.expression.Node.Negation;
import io.sonde.expression.Node.Not;
import io.sonde.expression.Node.Part;
import io.sonde.expression.Node.Slice;
import io.sonde.model.ConfigException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Recursive descent with Python's precedence: {@code if else}, {@code or}, {@code and}, {@code
 * not}, comparisons (of two, not chained), sums, products, sign, power (which binds to the right,
 * and tighter than a sign before it), and for values calls and parts.
 */
final class ExpressionParser {
  private static final int MAX_LENGTH = 1000;
  private static final int MAX_DEPTH = 50;
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
  private static final Set<String> WORDS =
      Set.of("and", "else", "for", "if", "in", "is", "lambda", "not", "or");

  private final Names names;
  private final Lexer lexer;
  private final Set<String> meters = new LinkedHashSet<>();

  /** Names that are not known yet, by where they stand: a loop behind them may bring them. */
  private final TreeMap<Integer, String> unknown = new TreeMap<>();

  private int depth;

  ExpressionParser(String text, String path, Names names) {
    if (text.length() > MAX_LENGTH) {
      throw new ConfigException(
          path, text.substring(0, 20) + "…", "at most " + MAX_LENGTH + " characters long");
    }
    this.names = names;
    this.lexer = new Lexer(text, path);
  }

  /** The meters that were named, in their order. */
  Set<String> meters() {
    return Collections.unmodifiableSet(meters);
  }

  Node parse() {
    Node root = conditional();
    if (!lexer.is(Kind.END)) {
      throw lexer.error("an operator or the end");
    }
    if (!unknown.isEmpty()) {
      throw lexer.error(names.operands(), unknown.firstKey());
    }
    if (names.isOfMeters() && meters.isEmpty()) {
      throw lexer.error("at least one meter, as $(meter),");
    }
    return root;
  }

  private Node conditional() {
    Node then = or();
    if (!lexer.take("if")) {
      return then;
    }
    enter();
    Node condition = or();
    if (!lexer.take("else")) {
      throw lexer.error("else");
    }
    Node node = new Conditional(condition, then, conditional());
    depth--;
    return node;
  }

  private Node or() {
    enter();
    Node left = and();
    while (lexer.take("or")) {
      left = new Choice(true, left, and());
    }
    depth--;
    return left;
  }

  private Node and() {
    Node left = not();
    while (lexer.take("and")) {
      left = new Choice(false, left, not());
    }
    return left;
  }

  private Node not() {
    if (!lexer.take("not")) {
      return comparison();
    }
    enter();
    Node node = new Not(not());
    depth--;
    return node;
  }

  private Node comparison() {
    Node left = sum();
    if (COMPARISONS.contains(lexer.token()) && lexer.is(Kind.OPERATOR)) {
      return new Comparison(lexer.next(), left, sum(), !names.isOfValues());
    }
    if (lexer.take("is")) {
      String operator = lexer.take("not") ? "!=" : "==";
      return new Comparison(operator, left, sum(), !names.isOfValues());
    }
    if (lexer.take("in")) {
      return new Membership(left, sum());
    }
    if (lexer.take("not")) {
      expect("in");
      return new Not(new Membership(left, sum()));
    }
    return left;
  }

  private Node sum() {
    Node left = product();
    while (lexer.is("+") || lexer.is("-")) {
      left = new Arithmetic(lexer.next(), number(left), number(product()));
    }
    return left;
  }

  private Node product() {
    Node left = signed();
    while (lexer.is("*") || lexer.is("/") || lexer.is("//") || lexer.is("%")) {
      left = new Arithmetic(lexer.next(), number(left), number(signed()));
    }
    return left;
  }

  private Node signed() {
    enter();
    Node node =
        lexer.take("-") ? new Negation(number(signed())) : lexer.take("+") ? signed() : power();
    depth--;
    return node;
  }

  private Node power() {
    Node base = operand();
    return lexer.is("**") ? new Arithmetic(lexer.next(), number(base), number(signed())) : base;
  }

  /** Among samples every operand becomes a number. */
  private Node number(Node operand) {
    return names.isOfValues() || operand instanceof Arithmetic ? operand : new AsNumber(operand);
  }

  private Node operand() {
    Node node = atom();
    while (names.isOfValues() && (lexer.is("[") || lexer.is(Kind.ATTRIBUTE))) {
      node = lexer.is("[") ? part(node) : method(node, lexer.next());
    }
    return node;
  }

  private Node atom() {
    if (lexer.take("(")) {
      Node inner = inParentheses();
      expect(")");
      return inner;
    }
    if (lexer.is(Kind.NUMBER)) {
      return new Constant(number(lexer.next()));
    }
    if (lexer.is(Kind.TEXT)) {
      return new Constant(lexer.next());
    }
    if (lexer.is(Kind.METER) && names.isOfMeters()) {
      return meter();
    }
    if (names.isOfValues() && lexer.take("[")) {
      return list();
    }
    if (names.isOfValues() && lexer.take("{")) {
      return map();
    }
    if (lexer.is(Kind.NAME)) {
      return named();
    }
    throw noOperand();
  }

  private Object number(String digits) {
    boolean isWhole = names.isOfValues() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return isWhole ? Values.kept(new BigInteger(digits)) : Double.valueOf(digits);
  }

  /** One value, a loop, or several values with commas. */
  private Node inParentheses() {
    int start = lexer.start();
    Node inner = conditional();
    if (!names.isOfValues()) {
      return inner;
    }
    if (lexer.is("for")) {
      return loop(inner, start);
    }
    if (!lexer.is(",")) {
      return inner;
    }
    List<Node> entries = new ArrayList<>(List.of(inner));
    while (lexer.take(",") && !lexer.is(")")) {
      entries.add(conditional());
    }
    return new ListOf(entries);
  }

  private Node list() {
    List<Node> entries = new ArrayList<>();
    while (!lexer.is("]")) {
      int start = lexer.start();
      Node entry = conditional();
      if (entries.isEmpty() && lexer.is("for")) {
        Node loop = loop(entry, start);
        expect("]");
        return loop;
      }
      entries.add(entry);
      if (!lexer.take(",")) {
        break;
      }
    }
    expect("]");
    return new ListOf(entries);
  }

  private Node map() {
    List<Node> keys = new ArrayList<>();
    List<Node> entries = new ArrayList<>();
    while (!lexer.is("}")) {
      keys.add(conditional());
      expect(":");
      entries.add(conditional());
      if (!lexer.take(",")) {
        break;
      }
    }
    expect("}");
    return new MapOf(keys, entries);
  }

  /**
   * From {@code for} on.
   *
   * @param start where the result began
   */
  private Node loop(Node result, int start) {
    lexer.next();
    List<String> variables = new ArrayList<>();
    boolean isInParentheses = lexer.take("(");
    do {
      variables.add(variable());
    } while (lexer.take(","));
    if (isInParentheses) {
      expect(")");
    }
    know(variables, start);
    expect("in");
    Node list = or();
    int startOfCondition = lexer.start();
    Node condition = lexer.take("if") ? or() : null;
    know(variables, startOfCondition);
    return new Comprehension(result, variables, list, condition);
  }

  /** {@code (lambda v: result, list)} of a filter or a map. */
  private Node filterOrMap(boolean isFilter) {
    expect("(");
    expect("lambda");
    List<String> variables = List.of(variable());
    expect(":");
    int start = lexer.start();
    Node result = conditional();
    know(variables, start);
    expect(",");
    Node list = conditional();
    expect(")");
    return isFilter
        ? new Comprehension(null, variables, list, result)
        : new Comprehension(result, variables, list, null);
  }

  /** These are known from there to the token at hand. */
  private void know(List<String> variables, int from) {
    unknown.subMap(from, lexer.start()).values().removeAll(variables);
  }

  private String variable() {
    if (!lexer.is(Kind.NAME)
        || lexer.token().indexOf('.') >= 0
        || WORDS.contains(lexer.token())
        || names.values().contains(lexer.token())) {
      throw lexer.error("a new name for a variable");
    }
    return lexer.next();
  }

  private Node meter() {
    String meter = lexer.next();
    meters.add(meter);
    return lexer.is(Kind.ATTRIBUTE) ? field(meter, lexer.next()) : new Field(meter, "volume");
  }

  private Node named() {
    if (lexer.take("None")) {
      return new Constant(null);
    }
    if (lexer.is("True") || lexer.is("False")) {
      return new Constant(lexer.next().equals("True"));
    }
    if (names.isOfValues() && (lexer.is("filter") || lexer.is("map"))) {
      return filterOrMap(lexer.next().equals("filter"));
    }
    if (functions().containsKey(lexer.token())) {
      return call(lexer.next());
    }
    if (names.isOfValues()) {
      return ofValue();
    }
    if (names.isOfMeters() || !isField(lexer.token())) {
      throw noOperand();
    }
    return field(null, lexer.next());
  }

  private Map<String, Arity> functions() {
    return names.isOfValues() ? Functions.ARITIES : Functions.OF_NUMBERS;
  }

  private Node ofValue() {
    String[] parts = lexer.token().split("\\.", 2);
    if (WORDS.contains(parts[0])) {
      throw noOperand();
    }
    int start = lexer.start();
    lexer.next();
    if (!names.values().contains(parts[0])) {
      if (lexer.is("(") && parts.length == 1) {
        throw lexer.error(names.operands(), start);
      }
      unknown.put(start, parts[0]);
    }
    Node name = new Name(parts[0]);
    return parts.length == 1 ? name : method(name, parts[1]);
  }

  private ConfigException noOperand() {
    return lexer.error(names.operands());
  }

  private Node call(String function) {
    List<Node> arguments = arguments(function, functions().get(function));
    if (!names.isOfValues()) {
      arguments.replaceAll(this::number);
    }
    return new FunctionCall(function, arguments);
  }

  private Node method(Node receiver, String method) {
    Arity arity = Methods.ARITIES.get(method);
    if (arity == null || !lexer.is("(")) {
      throw lexer.error(
          "one of the methods "
              + String.join(" ", new TreeSet<>(Methods.ARITIES.keySet()))
              + " with its arguments before it");
    }
    return new MethodCall(receiver, method, arguments(method, arity));
  }

  private List<Node> arguments(String function, Arity arity) {
    enter();
    expect("(");
    List<Node> arguments = new ArrayList<>();
    while (!lexer.is(")") || arity.least() > arguments.size()) {
      int start = lexer.start();
      Node argument = conditional();
      arguments.add(names.isOfValues() && lexer.is("for") ? loop(argument, start) : argument);
      if (!lexer.take(",")) {
        break;
      }
    }
    if (!arity.takes(arguments.size())) {
      throw lexer.error(arity + " of " + function);
    }
    expect(")");
    depth--;
    return arguments;
  }

  /** {@code [index]} or {@code [from:to:step]}. */
  private Node part(Node container) {
    enter();
    expect("[");
    Node index = lexer.is(":") ? new Constant(null) : conditional();
    Node part;
    if (lexer.take(":")) {
      Node to = lexer.is(":") || lexer.is("]") ? new Constant(null) : conditional();
      Node step = lexer.take(":") && !lexer.is("]") ? conditional() : new Constant(null);
      part = new Slice(container, index, to, step);
    } else {
      part = new Part(container, index);
    }
    expect("]");
    depth--;
    return part;
  }

  private static boolean isField(String name) {
    return FIELDS.contains(name) || name.equals(METADATA) || name.startsWith(METADATA + ".");
  }

  private Node field(String meter, String name) {
    if (!isField(name)) {
      throw lexer.error("a field of a sample after $(" + meter + ")");
    }
    if (FIELDS.contains(name)) {
      return new Field(meter, name);
    }
    List<String> path = new ArrayList<>(List.of(name.split("\\.", -1)));
    path.remove(0);
    while (lexer.is(Kind.ATTRIBUTE) || lexer.is("[")) {
      if (lexer.is(Kind.ATTRIBUTE)) {
        path.addAll(List.of(lexer.next().split("\\.", -1)));
        continue;
      }
      lexer.next();
      if (!lexer.is(Kind.TEXT) && !lexer.is(Kind.NUMBER)) {
        throw lexer.error("a text or a number between [ and ]");
      }
      path.add(lexer.next());
      expect("]");
    }
    return new MetadataField(meter, List.copyOf(path), new ConcurrentHashMap<>());
  }

  private void expect(String wanted) {
    if (!lexer.take(wanted)) {
      throw lexer.error(wanted);
    }
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw lexer.error("less nesting");
    }
  }
}
