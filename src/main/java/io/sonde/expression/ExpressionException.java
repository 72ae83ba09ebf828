package io.sonde.expression;

/** A formula has no value for what it was given. The message says why, in few words. */
public final class ExpressionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean isAbsence;

  private ExpressionException(String message, boolean isAbsence) {
    // Without a stack trace: it says something of the data, and may be made for every sample.
    super(message, null, false, false);
    this.isAbsence = isAbsence;
  }

  /** What was given is not what the formula is for. */
  public ExpressionException(String message) {
    this(message, false);
  }

  /** Something that was asked for is not there: a key, a place of a list. */
  public static ExpressionException absence(String message) {
    return new ExpressionException(message, true);
  }

  /** Whether that is so because a key or a place of a list is not there. */
  public boolean isAbsence() {
    return isAbsence;
  }
}
