package io.sonde.series;

import java.util.zip.CRC32C;

/**
 * A CRC-32C of four bytes behind whatever is stored, so that damage is found and never decoded into
 * wrong figures.
 */
public final class Checksum {
  /** Number of bytes that a checksum adds. */
  public static final int BYTES = 4;

  private Checksum() {}

  /** The bytes of a writer with the checksum of all of them behind. */
  public static byte[] append(ByteWriter out) {
    return out.writeInt(of(out.array(), out.size())).toByteArray();
  }

  /**
   * A reader of what stands before the checksum.
   *
   * @param what names the bytes in errors
   * @throws CorruptDataException when the checksum does not match
   */
  public static ByteReader check(byte[] bytes, String what) {
    int end = bytes.length - BYTES;
    if (end < 1) {
      throw new CorruptDataException(what + " of " + bytes.length + " bytes");
    }
    if (new ByteReader(bytes, end, bytes.length).readInt() != of(bytes, end)) {
      throw new CorruptDataException("the checksum of " + what + " does not match");
    }
    return new ByteReader(bytes, 0, end);
  }

  private static int of(byte[] bytes, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, end);
    return (int) crc.getValue();
  }
}
