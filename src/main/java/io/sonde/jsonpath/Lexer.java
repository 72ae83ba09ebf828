package io.sonde.jsonpath;

import io.sonde.jsonpath.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts a path into words. */
final class Lexer {
  private static final List<String> PAIRS = List.of("..", "==", "!=", "<=", ">=");
  private static final String SIGNS = "$@*.[](),:|&?+-/=<>";

  private final String path;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String path) {
    this.path = path;
  }

  static List<Token> tokens(String path) {
    return new Lexer(path).read();
  }

  private List<Token> read() {
    while (at < path.length()) {
      char c = path.charAt(at);
      if (c == ' ' || c == '\t' || c == '\n') {
        at++;
      } else if (c == '\'' || c == '"') {
        quoted(c, Kind.QUOTED);
      } else if (c == '`') {
        quoted(c, Kind.FUNCTION);
      } else if (isLetter(c) || (c == '@' && isLetter(peek(1)))) {
        name();
      } else if (isDigit(c) || (c == '-' && isDigit(peek(1)))) {
        number();
      } else {
        sign(c);
      }
    }
    tokens.add(new Token(Kind.END, "", at + 1));
    return tokens;
  }

  private void quoted(char quote, Kind kind) {
    int start = at++;
    StringBuilder text = new StringBuilder();
    while (at < path.length() && path.charAt(at) != quote) {
      if (path.charAt(at) == '\\' && at + 1 < path.length()) {
        at++;
      }
      text.append(path.charAt(at++));
    }
    if (at == path.length()) {
      throw JsonPathException.at(start + 1, "the " + quote + " has no second one");
    }
    at++;
    tokens.add(new Token(kind, text.toString(), start + 1));
  }

  private void name() {
    int start = at++;
    while (at < path.length() && isPartOfName(path.charAt(at))) {
      at++;
    }
    tokens.add(new Token(Kind.NAME, path.substring(start, at), start + 1));
  }

  private void number() {
    int start = at++;
    digits();
    boolean isDecimal = peek(0) == '.' && isDigit(peek(1));
    if (isDecimal) {
      at++;
      digits();
    }
    tokens.add(
        new Token(isDecimal ? Kind.DECIMAL : Kind.WHOLE, path.substring(start, at), start + 1));
  }

  private void digits() {
    while (isDigit(peek(0))) {
      at++;
    }
  }

  private void sign(char c) {
    String pair = path.substring(at, Math.min(path.length(), at + 2));
    String sign = PAIRS.contains(pair) ? pair : String.valueOf(c);
    if (sign.length() == 1 && SIGNS.indexOf(c) < 0) {
      throw JsonPathException.at(
          at + 1, "'" + Character.toString(path.codePointAt(at)) + "' is no part of a path");
    }
    tokens.add(new Token(Kind.SIGN, sign, at + 1));
    at += sign.length();
  }

  private char peek(int ahead) {
    return at + ahead < path.length() ? path.charAt(at + ahead) : 0;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isPartOfName(char c) {
    return isLetter(c) || isDigit(c) || c == '@' || c == '-';
  }
}
