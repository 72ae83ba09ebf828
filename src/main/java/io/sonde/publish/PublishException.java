package io.sonde.publish;

import java.io.IOException;
import java.time.Duration;

/**
 * A consumer has a part of what was handed over, or says when to come again. Whoever throws it
 * instead of another {@link IOException} spares the consumer copies.
 */
public final class PublishException extends IOException {
  private static final long serialVersionUID = 1;

  private final int taken;
  private final Duration retryAfter;

  /**
   * A failure.
   *
   * @param taken so many from the beginning are taken, and not handed over again
   * @param retryAfter how long the consumer wants to be left alone at least; null where it does not
   *     say
   */
  public PublishException(String message, int taken, Duration retryAfter, Throwable cause) {
    super(message, cause);
    this.taken = taken;
    this.retryAfter = retryAfter;
  }

  int taken() {
    return taken;
  }

  Duration retryAfter() {
    return retryAfter;
  }
}
