package io.sonde.audit;

/** The tables of the log are not what was written: rows are missing, or do not fit together. */
public final class BrokenLogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokenLogException(String message) {
    super(message);
  }
}
