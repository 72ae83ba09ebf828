package io.sonde.polling;

import io.sonde.model.SampleBatch;
import io.sonde.series.BatchCodec;
import io.sonde.series.CorruptDataException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * A batch as bytes for one message: {@link BatchCodec}'s, deflated, after their number. Series of
 * one exporter differ little, so they shrink to about a tenth.
 */
final class PackedBatch {
  /** Largest message between nodes. */
  static final int MAX_PACKED = 100_000;

  private static final int MAX_UNPACKED = 16 << 20;
  private static final int LENGTH = 4;

  private PackedBatch() {}

  static boolean fits(SampleBatch batch) {
    return pack(batch).length <= MAX_PACKED;
  }

  static byte[] pack(SampleBatch batch) {
    byte[] plain = BatchCodec.encode(batch);
    byte[] packed = new byte[plain.length + plain.length / 1000 + 64];
    for (int i = 0; i < LENGTH; i++) {
      packed[i] = (byte) (plain.length >>> (8 * (LENGTH - 1 - i)));
    }
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    try {
      deflater.setInput(plain);
      deflater.finish();
      int size = deflater.deflate(packed, LENGTH, packed.length - LENGTH);
      return Arrays.copyOf(packed, LENGTH + size);
    } finally {
      deflater.end();
    }
  }

  /**
   * @throws CorruptDataException when the bytes are not what {@link #pack} gives
   */
  static SampleBatch unpack(byte[] packed) {
    int size = 0;
    for (int i = 0; i < LENGTH && i < packed.length; i++) {
      size = size << 8 | (packed[i] & 0xff);
    }
    if (packed.length < LENGTH || size < 0 || size > MAX_UNPACKED) {
      throw new CorruptDataException("a packed batch of " + size + " bytes");
    }
    byte[] plain = new byte[size];
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(packed, LENGTH, packed.length - LENGTH);
      if (inflater.inflate(plain) != size) {
        throw new CorruptDataException("a packed batch that ends too early");
      }
    } catch (DataFormatException e) {
      throw new CorruptDataException("a packed batch that is none: " + e.getMessage());
    } finally {
      inflater.end();
    }
    return BatchCodec.decode(plain);
  }
}
