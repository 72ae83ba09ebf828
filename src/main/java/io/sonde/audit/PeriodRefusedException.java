package io.sonde.audit;

/**
 * A period that is not sealed as it was asked for. The message says why and is shown to clients.
 */
public final class PeriodRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean isConflict;

  private PeriodRefusedException(String message, boolean isConflict) {
    super(message, null, false, false);
    this.isConflict = isConflict;
  }

  /** It could not be sealed, whatever was sealed before. */
  static PeriodRefusedException mistake(String message) {
    return new PeriodRefusedException(message, false);
  }

  /** What was sealed before is in its way. */
  static PeriodRefusedException conflict(String message) {
    return new PeriodRefusedException(message, true);
  }

  /** Whether what was sealed before is in its way. */
  public boolean isConflict() {
    return isConflict;
  }
}
