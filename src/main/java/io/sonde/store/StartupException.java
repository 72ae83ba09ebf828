package io.sonde.store;

/**
 * Why a node cannot start. The message is the one line that the user is shown, so it says what is
 * wrong with what, and where it helps, what to do; the cause is for the log.
 */
public class StartupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    super(message);
  }

  public StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}
