package io.sonde.publish;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a receiver says of a request that it took: an ExportMetricsServiceResponse.
 *
 * @param rejected points that it took not, and never will
 * @param message why; may be there with nothing rejected, as a warning
 */
record OtlpAnswer(long rejected, String message) {
  private static final OtlpAnswer ALL_TAKEN = new OtlpAnswer(0, "");

  private static final int PARTIAL_SUCCESS = 1;
  private static final int REJECTED_DATA_POINTS = 1;
  private static final int ERROR_MESSAGE = 2;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /**
   * Reads the answer's body.
   *
   * @throws IOException when it is none: then nobody knows what took the request
   */
  static OtlpAnswer of(byte[] body) throws IOException {
    try {
      return read(ByteBuffer.wrap(body), false);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("the answer is not that of an OTLP receiver", e);
    }
  }

  private static OtlpAnswer read(ByteBuffer in, boolean isPartialSuccess) {
    OtlpAnswer answer = ALL_TAKEN;
    while (in.hasRemaining()) {
      long tag = varint(in);
      int field = (int) (tag >>> 3);
      switch ((int) tag & 7) {
        case VARINT -> {
          long number = varint(in);
          if (isPartialSuccess && field == REJECTED_DATA_POINTS) {
            answer = new OtlpAnswer(number, answer.message);
          }
        }
        case BYTES -> {
          ByteBuffer bytes = bytes(in);
          if (isPartialSuccess && field == ERROR_MESSAGE) {
            String message = StandardCharsets.UTF_8.decode(bytes).toString();
            answer = new OtlpAnswer(answer.rejected, message);
          } else if (!isPartialSuccess && field == PARTIAL_SUCCESS) {
            answer = read(bytes, true);
          }
        }
        case FIXED64 -> in.getLong();
        case FIXED32 -> in.getInt();
        default -> throw new IllegalArgumentException("wire type " + (tag & 7));
      }
    }
    return answer;
  }

  private static ByteBuffer bytes(ByteBuffer in) {
    long length = varint(in);
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("a field of " + length + " bytes");
    }
    ByteBuffer bytes = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return bytes;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than ten bytes");
  }
}
