package io.sonde.query;

/**
 * The answer would take more memory or time than one question may. The message says what to narrow
 * and is shown to clients.
 */
public final class TooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooLargeException(String message) {
    super(message);
  }
}
