package io.sonde.collector;

import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.Checksum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Bytes as a later version of Sonde may write them. */
final class NextVersion {
  private static final byte[] MORE = {9, 0, 9};

  private NextVersion() {}

  /** A message with fields that this version does not know. */
  static byte[] appended(byte[] message) {
    byte[] next = Arrays.copyOf(message, message.length + MORE.length);
    System.arraycopy(MORE, 0, next, message.length, MORE.length);
    return next;
  }

  /** A journal, from its first event on, as it would be with such events. */
  static List<byte[]> journal(List<byte[]> events) {
    List<byte[]> next = new ArrayList<>();
    byte[] hash = EventBlock.NO_PREDECESSOR;
    for (byte[] event : events) {
      ByteReader in = new ByteReader(event);
      in.readByte();
      in.readVarint();
      in.readVarint();
      in.readVarint();
      byte[] chained = event.clone();
      System.arraycopy(hash, 0, chained, in.skip(hash.length), hash.length);
      byte[] stored = stored(chained);
      hash = EventBlock.hash(stored);
      next.add(stored);
    }
    return next;
  }

  /** An event or a snapshot to which fields were appended once. */
  static byte[] stored(byte[] bytes) {
    return written(0x10 | bytes[0], bytes, MORE);
  }

  /** One of another version. */
  static byte[] newer(byte[] bytes) {
    return written(bytes[0] + 1, bytes, new byte[0]);
  }

  private static byte[] written(int version, byte[] bytes, byte[] more) {
    byte[] body = Arrays.copyOfRange(bytes, 1, bytes.length - Checksum.BYTES);
    return Checksum.append(
        new ByteWriter(bytes.length).writeByte(version).writeRaw(body).writeRaw(more));
  }
}
