package io.sonde.http;

import akka.http.javadsl.model.StatusCodes;
import java.io.IOException;
import java.util.Arrays;
import org.xerial.snappy.Snappy;

/** Bodies in snappy's block format. */
final class SnappyBlock {
  /** Three bytes make at most 64: what says that it is larger is not decompressed. */
  private static final int MAX_RATIO = 22;

  // A request's message is read on the thread that decompresses it. Arrays of this size would each
  // be cleared, and the large ones go to a part of the heap that is cleaned seldom.
  private static final int KEPT = 1 << 20;
  private static final ThreadLocal<byte[]> BUFFER = ThreadLocal.withInitial(() -> new byte[KEPT]);
  private static final byte[] FRAMED = {(byte) 0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};

  private SnappyBlock() {}

  /**
   * The number of bytes that a block becomes, which is looked at before any of them is made.
   *
   * @throws ApiException 413 when there are more than {@code most}, 400 when it is no block
   */
  static int uncompressedLength(byte[] block, long most) {
    long length = leadingNumber(block);
    if (length < 0) {
      throw noBlock(block, "it does not begin with its uncompressed length");
    }
    if (length > most) {
      throw new ApiException(
          StatusCodes.CONTENT_TOO_LARGE,
          "The request body is larger than "
              + most
              + " bytes: uncompressed it has "
              + length
              + ".");
    }
    if (length > (long) MAX_RATIO * block.length) {
      throw noBlock(
          block, block.length + " bytes cannot become " + length + ", which it says they do");
    }
    return (int) length;
  }

  /** A varint of 32 bits, or -1 where none is. */
  private static long leadingNumber(byte[] block) {
    long value = 0;
    for (int i = 0; i < Math.min(block.length, 5); i++) {
      value |= (block[i] & 0x7fL) << (7 * i);
      if (block[i] >= 0) {
        return value >>> 32 == 0 ? value : -1;
      }
    }
    return -1;
  }

  /**
   * Decompresses a block of this uncompressed length. The result begins with it, and is good until
   * the next call on the same thread.
   */
  static byte[] uncompress(byte[] block, int length) {
    byte[] buffer = length <= KEPT ? BUFFER.get() : new byte[length];
    try {
      Snappy.uncompress(block, 0, block.length, buffer, 0);
    } catch (IOException e) {
      throw noBlock(
          block, "its " + block.length + " bytes do not become the " + length + " that it says");
    }
    return buffer;
  }

  private static ApiException noBlock(byte[] block, String why) {
    boolean isFramed =
        block.length >= FRAMED.length
            && Arrays.equals(block, 0, FRAMED.length, FRAMED, 0, FRAMED.length);
    return ApiException.badRequest(
        "The request body is not in snappy's block format: "
            + (isFramed ? "it is in the framing format" : why)
            + ".");
  }
}
