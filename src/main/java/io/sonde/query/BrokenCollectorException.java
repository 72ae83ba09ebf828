package io.sonde.query;

import io.sonde.collector.BrokenAt;

/**
 * What is asked for lies with a collector whose journal or snapshot is damaged: there is no answer
 * until that is mended. The message says where, and is shown to clients.
 */
public final class BrokenCollectorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BrokenCollectorException(BrokenAt at) {
    super("The ledger is damaged, and figures that need it are not told: " + at + ".");
  }
}
