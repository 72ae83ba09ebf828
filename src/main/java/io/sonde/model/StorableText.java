package io.sonde.model;

/**
 * Text that PostgreSQL and UTF-8 can hold: without the character U+0000, and without halves of
 * surrogate pairs, of which UTF-8 would make question marks, so that different texts become equal.
 */
public final class StorableText {
  private StorableText() {}

  /** Whether the text can be stored; a text that cannot is equal to none that is. */
  public static boolean isStorable(String text) {
    return unstorable(text) < 0;
  }

  /**
   * Checks a text.
   *
   * @param name what it is, for the message
   * @throws IllegalArgumentException when it cannot be stored
   */
  static void require(String name, String text) {
    int at = unstorable(text);
    if (at >= 0) {
      throw new IllegalArgumentException(
          String.format(
              "%s has the character U+%04X at %d, which cannot be stored",
              name, (int) text.charAt(at), at));
    }
  }

  /** Bytes of a storable text in UTF-8. */
  public static int utf8Length(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair stands for two of its four bytes.
      bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return bytes;
  }

  private static int unstorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return i;
      }
      if (Character.isSurrogate(c)) {
        boolean isPair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!isPair) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
