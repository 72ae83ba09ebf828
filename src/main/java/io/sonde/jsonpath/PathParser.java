package io.sonde.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sonde.jsonpath.Arithmetic.Constant;
import io.sonde.jsonpath.Filter.Comparison;
import io.sonde.jsonpath.Filter.Condition;
import io.sonde.jsonpath.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a path. What binds, from weak to strong: {@code + -}, {@code * /}, {@code []}, {@code ..},
 * {@code .}, {@code |}, {@code where}; so {@code a.b|c} is {@code a.(b|c)}. Brackets belong to all
 * of the path to their left.
 */
final class PathParser {
  static final int LONGEST = 1_024;
  private static final int DEEPEST = 32;

  /** Each multiplies what a search can take. */
  private static final int MOST_DESCENTS = 8;

  private static final Set<String> COMPARISONS = Set.of("=", "==", "!=", "<", "<=", ">", ">=");
  private static final Pattern SPLIT =
      Pattern.compile("split\\((.),\\s*(\\d{1,4}),\\s*(-1|\\d{1,4})\\)", Pattern.DOTALL);
  private static final Pattern SUB = Pattern.compile("sub\\(/(.*)/,\\s*(.*)\\)", Pattern.DOTALL);

  private final List<Token> tokens;
  private int next;
  private int depth;
  private int descents;

  private PathParser(List<Token> tokens) {
    this.tokens = tokens;
  }

  static Step parse(String path) {
    if (path.length() > LONGEST) {
      throw new JsonPathException(
          "a path of " + path.length() + " characters, at most " + LONGEST + " are read");
    }
    PathParser parser = new PathParser(Lexer.tokens(path));
    Step step = parser.sum();
    if (parser.peek().kind() != Kind.END) {
      throw parser.unexpected("an operator or the end");
    }
    if (step instanceof Constant) {
      throw JsonPathException.at(1, "a path is expected, found a number");
    }
    return step;
  }

  private Step sum() {
    Step left = product();
    while (peek().is("+") || peek().is("-")) {
      char operator = take().text().charAt(0);
      left = new Arithmetic(constant(left), operator, constant(product()));
    }
    return left;
  }

  private Step product() {
    Step left = operand();
    while (peek().is("*") || peek().is("/")) {
      char operator = take().text().charAt(0);
      left = new Arithmetic(constant(left), operator, constant(operand()));
    }
    return left;
  }

  /** A single name beside an operator is a text, not a field. */
  private static Step constant(Step side) {
    return side instanceof Step.Fields fields && fields.names().size() == 1
        ? new Constant(JsonNodeFactory.instance.textNode(fields.names().get(0)))
        : side;
  }

  private Step operand() {
    return isNumber(peek()) ? new Constant(number(take())) : path(primary(), 1);
  }

  /**
   * How strongly the next sign binds the parts of a path beside it; 0 where it is none of those.
   */
  private int strength() {
    Token token = peek();
    if (token.kind() == Kind.NAME && token.text().equals("where")) {
      return 5;
    }
    return token.kind() != Kind.SIGN
        ? 0
        : switch (token.text()) {
          case "[" -> 1;
          case ".." -> 2;
          case "." -> 3;
          case "|" -> 4;
          default -> 0;
        };
  }

  /** Goes on behind a part, as long as what follows binds at least so strongly. */
  private Step path(Step first, int least) {
    Step left = first;
    for (int strength = strength(); strength >= least; strength = strength()) {
      left = strength == 1 ? new Step.Child(left, brackets()) : joined(left, take(), strength);
    }
    return left;
  }

  private Step joined(Step left, Token sign, int strength) {
    Step right = path(primary(), strength + 1);
    return switch (sign.text()) {
      case ".." -> descendants(left, right, sign);
      case "." -> new Step.Child(left, right);
      case "|" -> new Step.Union(left, right);
      default -> new Step.Where(left, right);
    };
  }

  private Step descendants(Step left, Step right, Token sign) {
    if (++descents > MOST_DESCENTS) {
      throw JsonPathException.at(sign.position(), "more than " + MOST_DESCENTS + " times ..");
    }
    return new Step.Descendants(left, right);
  }

  private Step primary() {
    Token token = peek();
    if (token.is("[")) {
      return brackets();
    }
    if (token.kind() == Kind.NAME || token.kind() == Kind.QUOTED) {
      return fields();
    }
    if (token.kind() == Kind.FUNCTION) {
      return function(take());
    }
    if (token.is("$")) {
      take();
      return new Step.Root();
    }
    if (token.is("@")) {
      take();
      return new Step.This();
    }
    if (token.is("*")) {
      take();
      return new Step.AllFields();
    }
    if (token.is("(")) {
      open();
      Step inner = sum();
      close(")");
      return inner;
    }
    throw unexpected("a field, $, @, *, (, [ or a `function`");
  }

  private Step fields() {
    List<String> names = new ArrayList<>();
    do {
      if (!names.isEmpty()) {
        take();
      }
      if (peek().kind() != Kind.NAME && peek().kind() != Kind.QUOTED) {
        throw unexpected("a name");
      }
      names.add(take().text());
    } while (peek().is(","));
    return new Step.Fields(List.copyOf(names));
  }

  /** What stands in brackets: names, an index, a slice, or a filter. */
  private Step brackets() {
    open();
    Step step;
    if (peek().is("?")) {
      take();
      List<Condition> conditions = new ArrayList<>();
      conditions(conditions);
      step = new Filter(List.copyOf(conditions));
    } else if (peek().is("*")) {
      take();
      step = new Step.Slice(null, null);
    } else if (peek().is(":") || peek().kind() == Kind.WHOLE) {
      step = indexOrSlice();
    } else if (peek().kind() == Kind.NAME || peek().kind() == Kind.QUOTED) {
      step = fields();
    } else {
      throw unexpected("an index, a slice, *, a name or ?condition");
    }
    close("]");
    return step;
  }

  private Step indexOrSlice() {
    Integer from = index();
    if (!peek().is(":")) {
      return new Step.Index(from);
    }
    take();
    return new Step.Slice(from, index());
  }

  private Integer index() {
    if (peek().kind() != Kind.WHOLE) {
      return null;
    }
    Token token = take();
    try {
      return Integer.valueOf(token.text());
    } catch (NumberFormatException e) {
      throw JsonPathException.at(token.position(), "an index of 32 bits is expected");
    }
  }

  private void conditions(List<Condition> into) {
    condition(into);
    while (peek().is("&")) {
      take();
      condition(into);
    }
  }

  private void condition(List<Condition> into) {
    if (peek().is("(")) {
      open();
      conditions(into);
      close(")");
      return;
    }
    Step target = sum();
    Token operator = peek();
    if (operator.kind() != Kind.SIGN || !COMPARISONS.contains(operator.text())) {
      into.add(new Condition(target, null, null));
      return;
    }
    take();
    into.add(new Condition(target, Comparison.of(operator.text()), comparedWith()));
  }

  private JsonNode comparedWith() {
    Token value = peek();
    if (isNumber(value)) {
      return number(take());
    }
    if (value.kind() == Kind.NAME || value.kind() == Kind.QUOTED) {
      take();
      boolean isTruth =
          value.kind() == Kind.NAME
              && (value.text().equals("true") || value.text().equals("false"));
      return isTruth
          ? JsonNodeFactory.instance.numberNode(value.text().equals("true") ? 1 : 0)
          : JsonNodeFactory.instance.textNode(value.text());
    }
    throw unexpected("a number, a text, true or false");
  }

  private static Step function(Token token) {
    String text = token.text();
    Matcher split = SPLIT.matcher(text);
    if (split.matches()) {
      return new Step.Split(
          split.group(1), Integer.parseInt(split.group(2)), Integer.parseInt(split.group(3)));
    }
    Matcher sub = SUB.matcher(text);
    if (sub.matches()) {
      return Substitution.of(sub.group(1), sub.group(2), token.position());
    }
    return switch (text) {
      case "len" -> new Step.Length();
      case "sorted" -> new Step.Sorted();
      case "this" -> new Step.This();
      default ->
          throw JsonPathException.at(
              token.position(),
              "`"
                  + text
                  + "` is none of `len`, `sorted`, `this`, `split(c, segment, max)` and"
                  + " `sub(/expression/, replacement)`");
    };
  }

  private void open() {
    Token bracket = take();
    if (++depth > DEEPEST) {
      throw JsonPathException.at(
          bracket.position(), "more than " + DEEPEST + " brackets within each other");
    }
  }

  private void close(String bracket) {
    if (!peek().is(bracket)) {
      throw unexpected(bracket);
    }
    take();
    depth--;
  }

  private static boolean isNumber(Token token) {
    return token.kind() == Kind.WHOLE || token.kind() == Kind.DECIMAL;
  }

  private static JsonNode number(Token token) {
    if (token.kind() == Kind.WHOLE) {
      BigInteger value = new BigInteger(token.text());
      return value.bitLength() < Long.SIZE
          ? JsonNodeFactory.instance.numberNode(value.longValue())
          : JsonNodeFactory.instance.numberNode(value);
    }
    double value = Double.parseDouble(token.text());
    if (!Double.isFinite(value)) {
      throw JsonPathException.at(token.position(), "a finite number is expected");
    }
    return JsonNodeFactory.instance.numberNode(value);
  }

  private Token peek() {
    return tokens.get(next);
  }

  private Token take() {
    return tokens.get(next++);
  }

  private JsonPathException unexpected(String expected) {
    return JsonPathException.at(
        peek().position(), expected + " is expected, found " + peek().shown());
  }
}
