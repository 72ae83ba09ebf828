package io.sonde.series;

/**
 * The byte that a format begins with: its version in the low four bits, and in the high four how
 * often fields were appended to that version, which a reader that does not know them passes over.
 * The rules stand in docs/formats.md.
 */
public final class FormatVersion {
  private static final int VERSION_BITS = 4;
  private static final int VERSION_MASK = (1 << VERSION_BITS) - 1;

  private FormatVersion() {}

  /**
   * Reads the byte.
   *
   * @param known the one version that is read
   * @param what names the bytes in errors
   * @return how often fields were appended
   * @throws CorruptDataException where the version is another one
   */
  public static int read(ByteReader in, int known, String what) {
    int found = in.readByte();
    int version = found & VERSION_MASK;
    if (version > known) {
      throw new NewerFormatException(what, version);
    }
    if (version != known) {
      throw new CorruptDataException(what + " of unknown version " + version);
    }
    return found >>> VERSION_BITS;
  }

  /**
   * Requires that nothing follows, unless fields were appended.
   *
   * @param appended as {@link #read} told
   * @param what names the bytes in errors
   * @throws CorruptDataException where something does
   */
  public static void end(ByteReader in, int appended, String what) {
    if (appended == 0 && in.remaining() > 0) {
      throw new CorruptDataException(in.remaining() + " bytes after the end of " + what);
    }
  }
}
