package io.sonde.server;

import io.sonde.store.StartupException;

/** No cluster takes this node as it is configured, and trying again would not help. */
final class RefusedException extends StartupException {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
