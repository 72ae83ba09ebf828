package io.sonde.ceilometer;

/**
 * A file is not of the form that Ceilometer takes. The message is for the operator and reads as
 * {@code file:line: what was expected}, in Ceilometer's own words where it has some.
 */
public final class FormException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FormException(String file, int line, String message) {
    super(file + ":" + line + ": " + message);
  }

  FormException(String file, String message) {
    super(file + ": " + message);
  }
}
