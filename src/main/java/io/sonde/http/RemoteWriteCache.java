package io.sonde.http;

import io.sonde.model.Series;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The series known by their labels as they stand in a message: the same bytes are the same series,
 * and no text is made to find it. Bytes are compared in full; their hash, which only says where to
 * look, is seeded so that nobody can make bytes that share it.
 *
 * <p>Bounded by an estimate of the memory taken. When it is full, what was not asked for since it
 * was last full goes. For use by many threads, which wait for each other only to add.
 */
final class RemoteWriteCache {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int STRIPES = 16;
  private static final int FIRST_SIZE = 64;

  // An entry, its array's header, its places in a table, a series; its texts are mostly shared.
  private static final long BYTES_OF_ENTRY = 160;
  private static final long BYTES_OF_DIMENSION = 100;

  private final long seed;
  private final long otherSeed;
  private final Stripe[] stripes = new Stripe[STRIPES];

  /** A cache that takes about so many bytes of memory at most. */
  RemoteWriteCache(long maxBytes) {
    SecureRandom random = new SecureRandom();
    seed = random.nextLong();
    otherSeed = random.nextLong();
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe(maxBytes / STRIPES);
    }
  }

  /** Looks up the series of one message, from its first to its last. */
  Walk walk() {
    return new Walk();
  }

  /**
   * Looks series up in the order of a message. A sender names its series in the same order again
   * and again, so the one that came behind the last one before is tried first, without any hash.
   */
  final class Walk {
    private Entry last;

    /** The series of these label bytes, or null when it is not known. */
    Series find(byte[] bytes, int from, int to) {
      Entry expected = last == null ? null : last.next;
      if (expected == null || !expected.is(bytes, from, to)) {
        long hash = hash(bytes, from, to);
        expected = RemoteWriteCache.find(stripe(hash).table, hash, bytes, from, to);
        if (expected == null) {
          return null;
        }
        if (last != null) {
          last.next = expected;
        }
      }
      if (!expected.isUsed) {
        expected.isUsed = true;
      }
      last = expected;
      return expected.series;
    }
  }

  /** Remembers the series of these label bytes; returns the known one where there is one. */
  Series add(byte[] bytes, int from, int to, Series series) {
    long hash = hash(bytes, from, to);
    return stripe(hash).add(hash, bytes, from, to, series);
  }

  /** Number of series known. */
  int size() {
    int size = 0;
    for (Stripe stripe : stripes) {
      size += stripe.size();
    }
    return size;
  }

  private Stripe stripe(long hash) {
    return stripes[(int) (hash >>> 60)];
  }

  /** Sixteen bytes a step, folded by a multiplication to 128 bits; the last step may overlap. */
  private long hash(byte[] bytes, int from, int to) {
    int length = to - from;
    long hash = seed ^ length;
    int last = to - 16;
    if (length < 16) {
      long low = 0;
      long high = 0;
      for (int i = 0; i < length; i++) {
        high = high << 8 | low >>> 56;
        low = low << 8 | (bytes[from + i] & 0xff);
      }
      hash = fold(low ^ hash, high ^ otherSeed);
    } else {
      for (int i = from; i < last; i += 16) {
        hash = fold((long) LONGS.get(bytes, i) ^ hash, (long) LONGS.get(bytes, i + 8) ^ otherSeed);
      }
      hash =
          fold((long) LONGS.get(bytes, last) ^ hash, (long) LONGS.get(bytes, last + 8) ^ otherSeed);
    }
    return fold(hash ^ otherSeed, seed | 1);
  }

  private static long fold(long a, long b) {
    return a * b ^ Math.multiplyHigh(a, b);
  }

  private static Entry find(Entry[] table, long hash, byte[] bytes, int from, int to) {
    int mask = table.length - 1;
    int place = (int) hash & mask;
    Entry entry = table[place];
    while (entry != null) {
      if (entry.hash == hash && entry.is(bytes, from, to)) {
        return entry;
      }
      place = (place + 1) & mask;
      entry = table[place];
    }
    return null;
  }

  private static void place(Entry entry, Entry[] table) {
    int mask = table.length - 1;
    int place = (int) entry.hash & mask;
    while (table[place] != null) {
      place = (place + 1) & mask;
    }
    table[place] = entry;
  }

  /** Its final fields are seen whole by whoever finds it, without any lock. */
  private static final class Entry {
    private final long hash;
    private final byte[] labels;
    private final Series series;
    // Written without order: what is lost by that is only that an entry may go early.
    private boolean isUsed;
    // Likewise: a hint that may be old or lost.
    private Entry next;

    private Entry(long hash, byte[] labels, Series series) {
      this.hash = hash;
      this.labels = labels;
      this.series = series;
    }

    private boolean is(byte[] bytes, int from, int to) {
      return Arrays.equals(labels, 0, labels.length, bytes, from, to);
    }

    private long bytes() {
      return bytes(labels.length, series);
    }

    private static long bytes(int length, Series series) {
      return BYTES_OF_ENTRY + length + BYTES_OF_DIMENSION * series.dimensions().size();
    }
  }

  /**
   * A part of the entries. Nothing is ever taken out of a table, so it is read without a lock: who
   * does not find yet what is there looks again under it.
   */
  private static final class Stripe {
    private final long maxBytes;
    private volatile Entry[] table = new Entry[FIRST_SIZE];
    private int size;
    private long bytes;

    private Stripe(long maxBytes) {
      this.maxBytes = maxBytes;
    }

    private synchronized int size() {
      return size;
    }

    private synchronized Series add(long hash, byte[] labels, int from, int to, Series series) {
      Entry known = find(table, hash, labels, from, to);
      if (known != null) {
        return known.series;
      }
      long more = Entry.bytes(to - from, series);
      if (more > maxBytes / 8) {
        return series;
      }
      if (bytes + more > maxBytes) {
        sweep();
      }
      if (2 * size >= table.length) {
        grow();
      }
      place(new Entry(hash, Arrays.copyOfRange(labels, from, to), series), table);
      size++;
      bytes += more;
      return series;
    }

    /** Keeps what was used since the last time, though no more than leaves room for new ones. */
    private void sweep() {
      Entry[] kept = new Entry[table.length];
      size = 0;
      bytes = 0;
      // They stand in the order of hashes, so none is preferred where not all can stay.
      for (Entry entry : table) {
        if (entry != null && entry.isUsed && bytes < maxBytes / 4 * 3) {
          entry.isUsed = false;
          place(entry, kept);
          size++;
          bytes += entry.bytes();
        } else if (entry != null) {
          // Else what is gone would keep in memory what went before.
          entry.next = null;
        }
      }
      table = kept;
    }

    private void grow() {
      Entry[] larger = new Entry[2 * table.length];
      for (Entry entry : table) {
        if (entry != null) {
          place(entry, larger);
        }
      }
      table = larger;
    }
  }
}
