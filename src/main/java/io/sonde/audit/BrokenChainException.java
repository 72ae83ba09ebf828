package io.sonde.audit;

import java.util.HexFormat;

/** A collector's journal is not what it was when it was written. */
public final class BrokenChainException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int collector;
  private final long sequence;
  private final String expected;
  private final String found;

  /**
   * The first event that does not hold.
   *
   * @param sequence its number
   */
  BrokenChainException(int collector, long sequence, String expected, String found) {
    super(
        "collector %d, event %d: expected %s, found %s"
            .formatted(collector, sequence, expected, found));
    this.collector = collector;
    this.sequence = sequence;
    this.expected = expected;
    this.found = found;
  }

  public int collector() {
    return collector;
  }

  public long sequence() {
    return sequence;
  }

  public String expected() {
    return expected;
  }

  public String found() {
    return found;
  }

  /** The same as a line of a report. */
  public Damage damage() {
    return new Damage("collector %d, event %d".formatted(collector, sequence), expected, found);
  }

  static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
