package io.sonde.model;

/**
 * Samples or answers cannot be had just now: too much is in flight, the database is away or a
 * collector is moving. What was handed in may be stored in part: hand it in again. The message says
 * what is missing and is shown to clients.
 */
public final class UnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnavailableException(String message) {
    super(message);
  }

  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
