package io.sonde.query;

/** How much text one answer may have in memory: metadata and what events were made of. */
final class TextBudget {
  /** Characters. */
  static final long MOST = 64L << 20;

  private long taken;

  /**
   * Takes so many characters more.
   *
   * @throws TooLargeException when they are too many
   */
  void take(int characters) {
    taken += characters;
    if (taken > MOST) {
      throw new TooLargeException(
          "The question needs more than " + (MOST >> 20) + " MB of text in memory");
    }
  }
}
