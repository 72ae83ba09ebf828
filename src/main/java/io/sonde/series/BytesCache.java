package io.sonde.series;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Values by the bytes that they were read from: senders repeat themselves, and what was read and
 * checked once need not be read again. Bounded, and for use by several threads, as {@link
 * RecentTable} says.
 *
 * @param <V> the values: immutable, and not much larger than their bytes
 */
public final class BytesCache<V> extends RecentTable<BytesCache.Entry<V>> {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;
  private static final int ENTRY_BYTES = 160;

  /** A value and its bytes. */
  record Entry<V>(byte[] bytes, int hash, V value) {}

  /**
   * An empty cache.
   *
   * @param room bytes that one of its two generations may hold
   */
  @SuppressWarnings("unchecked")
  public BytesCache(long room) {
    super((Entry<V>[]) new Entry<?>[0], room);
  }

  /** The value of the bytes in [from, to), or null when it is not known. */
  public V get(byte[] in, int from, int to) {
    int hash = hash(in, from, to);
    Entry<V> entry = find(young(), hash, in, from, to);
    if (entry == null) {
      entry = find(old(), hash, in, from, to);
      if (entry == null) {
        return null;
      }
      entry = add(entry);
    }
    return entry.value;
  }

  /** Enters the value of these bytes, of which a copy is kept; returns the one to use. */
  public V add(byte[] in, int from, int to, V value) {
    byte[] bytes = Arrays.copyOfRange(in, from, to);
    return add(new Entry<>(bytes, hash(in, from, to), value)).value;
  }

  @Override
  protected int hashOf(Entry<V> entry) {
    return entry.hash;
  }

  @Override
  protected long bytesOf(Entry<V> entry) {
    return ENTRY_BYTES + 2L * entry.bytes.length;
  }

  @Override
  protected boolean areSame(Entry<V> one, Entry<V> other) {
    return one.hash == other.hash && Arrays.equals(one.bytes, other.bytes);
  }

  private static <V> Entry<V> find(Entry<V>[] table, int hash, byte[] in, int from, int to) {
    int at = place(hash, 0, table.length);
    for (int tried = 0; at >= 0; at = place(hash, ++tried, table.length)) {
      Entry<V> entry = table[at];
      if (entry == null) {
        return null;
      }
      if (entry.hash == hash && Arrays.equals(entry.bytes, 0, entry.bytes.length, in, from, to)) {
        return entry;
      }
    }
    return null;
  }

  /** Eight bytes at a time: the bytes of every sample pass here. */
  private static int hash(byte[] in, int from, int to) {
    long hash = (long) to - from;
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      hash = mix(hash ^ (long) LONGS.get(in, at));
    }
    return (int) (mix(mix(hash ^ rest(in, at, to))) >>> Integer.SIZE);
  }

  /** The less than eight bytes in [at, to) as one number. */
  private static long rest(byte[] in, int at, int to) {
    if (at + Long.BYTES <= in.length) {
      return (long) LONGS.get(in, at) & ((1L << (Byte.SIZE * (to - at))) - 1);
    }
    long rest = 0;
    for (int i = to - 1; i >= at; i--) {
      rest = rest << Byte.SIZE | (in[i] & 0xff);
    }
    return rest;
  }

  private static long mix(long bits) {
    long product = bits * MULTIPLIER;
    return product ^ (product >>> Integer.SIZE);
  }
}
