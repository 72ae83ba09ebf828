package io.sonde.store;

/** Archived events cannot be had, as their file cannot be read: nothing is known of them now. */
public final class MissingArchiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MissingArchiveException(ArchivedFile file, Exception cause) {
    super(file.shown() + ", cannot be read: " + cause, cause);
  }
}
