package io.sonde.polling;

/** A resource could not be read. The message says why, and is all that is logged. */
public final class PollException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PollException(String message) {
    // Without a stack trace: it is made for every poll of a dead target and never printed.
    super(message, null, false, false);
  }

  /** What to say of any failure: the innermost message, or the kind of failure without one. */
  public static String reasonOf(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null || cause.getMessage().isEmpty()
        ? cause.getClass().getSimpleName()
        : cause.getMessage();
  }
}
