package io.sonde.jsonpath;

/** A text is no path, or a search took more than it may. The message is for people. */
public final class JsonPathException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JsonPathException(String message) {
    super(message);
  }

  /**
   * A mistake in a path.
   *
   * @param position of the character, from 1
   */
  static JsonPathException at(int position, String message) {
    return new JsonPathException("position " + position + ": " + message);
  }
}
