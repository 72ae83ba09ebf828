package io.sonde.pipeline;

import java.util.Locale;

/** Why a transformer gave nothing for a sample. */
public enum Skip {
  /** The first sample of its series: there is nothing yet to compare it with. */
  FIRST,
  /** Older than the newest sample of its series. */
  OUT_OF_ORDER,
  /** As old as the newest sample of its series: the same one, handed in again. */
  REDELIVERED,
  /** It fell, and only growth is wanted. */
  NO_GROWTH,
  /** No expression of the transformer asks for its meter. */
  NOT_ASKED_FOR,
  /** Not in the unit that the transformer was set up for. */
  OTHER_UNIT,
  /** The result is no finite number: a division by zero, or arithmetic with what is missing. */
  NO_NUMBER,
  /** The transformer threw an exception. */
  FAILED,
  /** Too large for a message between nodes. */
  TOO_LARGE;

  /** The name shown in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
