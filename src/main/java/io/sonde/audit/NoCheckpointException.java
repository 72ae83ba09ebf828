package io.sonde.audit;

/** No checkpoint holds what is to be proved yet. */
public final class NoCheckpointException extends Exception {
  private static final long serialVersionUID = 1L;

  NoCheckpointException(String message) {
    super(message);
  }
}
