package io.sonde.audit;

/** A proof does not hold: it, or what it is about, is not what was signed. */
public final class BrokenProofException extends Exception {
  private static final long serialVersionUID = 1L;

  BrokenProofException(String message) {
    super(message);
  }
}
