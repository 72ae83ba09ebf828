package io.sonde.jsonpath;

/**
 * A word of a path.
 *
 * @param text of a name or a function without its quotes
 * @param position of its first character, from 1
 */
record Token(Kind kind, String text, int position) {
  /** What a word is. */
  enum Kind {
    /** A bare name. */
    NAME,
    /** A name in quotes. */
    QUOTED,
    /** What stands between back quotes. */
    FUNCTION,
    WHOLE,
    DECIMAL,
    /** One of {@code $ @ * . .. [ ] ( ) , : | & ? + - / = == != < <= > >=}. */
    SIGN,
    END
  }

  boolean is(String sign) {
    return kind == Kind.SIGN && text.equals(sign);
  }

  /** As errors show it. */
  String shown() {
    return kind == Kind.END ? "the end" : "'" + text + "'";
  }
}
