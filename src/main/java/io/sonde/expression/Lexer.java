package io.sonde.expression;

import io.sonde.model.ConfigException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts the text of a formula into tokens and holds the one at hand. */
final class Lexer {
  /** What a token is. */
  enum Kind {
    END,
    NUMBER,
    /** Also several with dots between them. */
    NAME,
    OPERATOR,
    TEXT,
    /** A meter, written {@code $(meter)}. */
    METER,
    /** Names behind a dot, without it. */
    ATTRIBUTE
  }

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(\\d+\\.?\\d*(?:[eE][+-]?\\d+)?|\\.\\d+(?:[eE][+-]?\\d+)?)"
              + "|([A-Za-z_]\\w*(?:\\.\\w+)*)"
              + "|(\\*\\*|//|==|!=|<=|>=|[-+*/%()<>,\\[\\]{}:])"
              + "|'((?:[^'\\\\]++|\\\\.)*+)'|\"((?:[^\"\\\\]++|\\\\.)*+)\""
              + "|\\$\\(\\s*([^()$\\s]+)\\s*\\)|\\.([A-Za-z_]\\w*(?:\\.\\w+)*))",
          Pattern.DOTALL);
  private static final Kind[] KINDS = {
    Kind.END,
    Kind.NUMBER,
    Kind.NAME,
    Kind.OPERATOR,
    Kind.TEXT,
    Kind.TEXT,
    Kind.METER,
    Kind.ATTRIBUTE
  };

  private final String text;
  private final String path;
  private final Matcher matcher;
  private String token = "";
  private Kind kind = Kind.END;
  private int start;
  private int end;

  /** At the first token. */
  Lexer(String text, String path) {
    this.text = text;
    this.path = path;
    this.matcher = TOKEN.matcher(text);
    next();
  }

  /** What the token at hand says; empty at the end. */
  String token() {
    return token;
  }

  /** Where the token at hand begins, from 0. */
  int start() {
    return start;
  }

  boolean is(Kind wanted) {
    return kind == wanted;
  }

  /** A text in quotes is no operator and no word, whatever it says. */
  boolean is(String wanted) {
    return (kind == Kind.OPERATOR || kind == Kind.NAME) && token.equals(wanted);
  }

  /** Goes on, and gives what the token said. */
  String next() {
    String taken = token;
    start = end;
    while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
      start++;
    }
    if (start == text.length()) {
      token = "";
      kind = Kind.END;
      return taken;
    }
    if (!matcher.region(end, text.length()).lookingAt()) {
      throw error("a number, a name or an operator", start);
    }
    int group = 1;
    while (matcher.group(group) == null) {
      group++;
    }
    kind = KINDS[group];
    token = kind == Kind.TEXT ? unescaped(matcher.group(group)) : matcher.group(group);
    end = matcher.end();
    return taken;
  }

  /** Goes on if this is the token at hand. */
  boolean take(String wanted) {
    if (!is(wanted)) {
      return false;
    }
    next();
    return true;
  }

  ConfigException error(String expected) {
    return error(expected, start);
  }

  ConfigException error(String expected, int at) {
    return new ConfigException(
        path, text, "an expression: expected " + expected + " at position " + (at + 1));
  }

  private String unescaped(String quoted) {
    if (quoted.indexOf('\\') < 0) {
      return quoted;
    }
    StringBuilder out = new StringBuilder();
    boolean isEscaped = false;
    for (int i = 0; i < quoted.length(); i++) {
      char c = quoted.charAt(i);
      if (isEscaped) {
        out.append(escaped(c));
      } else if (c != '\\') {
        out.append(c);
      }
      isEscaped = !isEscaped && c == '\\';
    }
    return out.toString();
  }

  private char escaped(char c) {
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case '\\', '\'', '"' -> c;
      default -> throw error("one of \\n \\r \\t \\\\ \\' \\\" in a text");
    };
  }
}
