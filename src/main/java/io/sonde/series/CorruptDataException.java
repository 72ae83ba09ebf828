package io.sonde.series;

/** Stored or received bytes are not what our encodings write. */
public class CorruptDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CorruptDataException(String message) {
    super(message);
  }
}
