package io.sonde.audit;

/** A note or key that cannot be read, or a note that is not signed by whom it should be. */
public final class NoteException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With what is wrong, for whoever gave it. */
  public NoteException(String message) {
    super(message);
  }
}
