package io.sonde.definition;

/** What was sent is no notification that anything can be made of. The message is for people. */
public final class NotificationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Longer values are cut in messages. */
  private static final int LONGEST_SHOWN = 100;

  public NotificationException(String message) {
    super(message);
  }

  /**
   * Reads as {@code field: "value" is not expected}.
   *
   * @param value what stands there, or null when nothing does
   * @param expected what should, as it follows "is not"
   */
  static NotificationException of(String field, String value, String expected) {
    return new NotificationException(
        value == null
            ? field + ": missing, expected " + expected
            : field + ": \"" + cut(value) + "\" is not " + expected);
  }

  private static String cut(String value) {
    return value.length() <= LONGEST_SHOWN
        ? value
        : value.substring(0, value.offsetByCodePoints(0, LONGEST_SHOWN / 2)) + "…";
  }
}
