package io.sonde.publish;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Trees of JDK values in MessagePack; texts are of its type str. For one thread. */
final class MessagePacking {
  private static final int MAX_UNSIGNED_BITS = 64;

  // Its buffer is larger than most messages, and is used again.
  private final MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();

  /**
   * The bytes of a tree. Whole numbers beyond 64 bits, which the format has not, become their
   * digits as text.
   */
  byte[] pack(Map<String, ?> tree) {
    try {
      packer.clear();
      packTree(tree);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory can be written", e);
    }
  }

  private void packTree(Object tree) throws IOException {
    if (tree instanceof Map<?, ?> map) {
      packer.packMapHeader(map.size());
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        packer.packString((String) entry.getKey());
        packTree(entry.getValue());
      }
    } else if (tree instanceof List<?> list) {
      packer.packArrayHeader(list.size());
      for (Object entry : list) {
        packTree(entry);
      }
    } else if (tree instanceof String text) {
      packer.packString(text);
    } else if (tree == null) {
      packer.packNil();
    } else if (tree instanceof Long number) {
      packer.packLong(number);
    } else if (tree instanceof Double number) {
      packer.packDouble(number);
    } else if (tree instanceof Boolean truth) {
      packer.packBoolean(truth);
    } else if (tree instanceof BigInteger number) {
      if (number.signum() > 0 && number.bitLength() <= MAX_UNSIGNED_BITS) {
        packer.packBigInteger(number);
      } else {
        packer.packString(number.toString());
      }
    } else if (tree instanceof BigDecimal number) {
      packer.packDouble(number.doubleValue());
    } else {
      throw new IllegalArgumentException("nothing that can be packed: " + tree.getClass());
    }
  }
}
