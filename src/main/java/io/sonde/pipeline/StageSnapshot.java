package io.sonde.pipeline;

/**
 * A {@link StageState} as bytes. The stage makes them itself, in its own time: the snapshot store
 * serializes later on another thread, while the state goes on changing.
 */
final class StageSnapshot implements StageMessage {
  private final byte[] bytes;

  StageSnapshot(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Not copied; nobody changes them. */
  byte[] bytes() {
    return bytes;
  }
}
