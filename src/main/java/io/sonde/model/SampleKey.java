package io.sonde.model;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** The number that tells two samples of one series and one moment apart. */
public final class SampleKey {
  /** Series and time identify the sample: a second one there is the same one. */
  public static final long NONE = 0;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private SampleKey() {}

  /**
   * The key of a sender's message id: FNV-1a of its UTF-8 bytes, then the finalizer of MurmurHash3
   * so that ids which differ in one place spread over all 64 bits; never {@link #NONE}.
   */
  public static long ofMessageId(String messageId) {
    byte[] utf8 = messageId.getBytes(StandardCharsets.UTF_8);
    return ofMessageId(utf8, 0, utf8.length);
  }

  /** The key of a message id whose UTF-8 bytes are those in [from, to). */
  public static long ofMessageId(byte[] utf8, int from, int to) {
    long hash = FNV_OFFSET;
    for (int i = from; i < to; i++) {
      hash = (hash ^ (utf8[i] & 0xff)) * FNV_PRIME;
    }
    hash = finish(hash);
    return hash == NONE ? 1 : hash;
  }

  private static long finish(long number) {
    long hash = number;
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }

  /**
   * One number for a sample: of its series' {@link SampleId#identity}, its time and its key. Never
   * {@link #NONE}.
   */
  public static long mixed(long identity, long timestamp, long key) {
    long hash = finish(identity + finish(timestamp + 0x9e3779b97f4a7c15L * finish(key)));
    return hash == NONE ? 1 : hash;
  }

  /** A key for a sample that came without an id and is new by definition. */
  public static long random() {
    long key = ThreadLocalRandom.current().nextLong();
    return key == NONE ? 1 : key;
  }
}
