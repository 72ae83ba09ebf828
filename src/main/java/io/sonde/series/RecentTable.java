package io.sonde.series;

import java.util.Arrays;

/**
 * A table of what was made lately, so that it need not be made again. It has two generations: an
 * entry that is found in the older one moves to the younger one, and when that is full it becomes
 * the older one and the rest is forgotten. What is in use stays, whatever passes by.
 *
 * <p>For use by several threads. Finding takes no lock; a thread that does not see yet what another
 * one entered makes it once more. So entries are immutable, with final fields only.
 *
 * @param <E> the entries
 */
public abstract class RecentTable<E> {
  /** Places that an entry may take: senders choose the keys, and could make all of them clash. */
  private static final int PROBES = 16;

  private static final int SMALLEST = 64;

  private final E[] none;
  private final long room;
  private volatile E[] young;
  private volatile E[] old;
  private int count;
  private long bytes;

  /**
   * An empty table.
   *
   * @param none an empty array
   * @param room bytes that one generation may hold
   */
  protected RecentTable(E[] none, long room) {
    this.none = none;
    this.room = room;
    this.young = Arrays.copyOf(none, SMALLEST);
    this.old = young;
  }

  /** Spread over all bits. */
  protected abstract int hashOf(E entry);

  /** About how many bytes of the heap the entry takes. */
  protected abstract long bytesOf(E entry);

  protected abstract boolean areSame(E one, E other);

  /** The younger generation, each entry at one of the places of its hash. */
  protected final E[] young() {
    return young;
  }

  protected final E[] old() {
    return old;
  }

  /** The place to look at after so many others, or -1 when there is no further one. */
  protected static int place(int hash, int tried, int length) {
    return tried == PROBES ? -1 : (hash + tried) & (length - 1);
  }

  /** Enters an entry into the younger generation, unless the same one is there; returns that. */
  protected final synchronized E add(E entry) {
    long size = bytesOf(entry);
    if (size > room / PROBES) {
      return entry;
    }
    if (bytes + size > room) {
      old = young;
      young = Arrays.copyOf(none, young.length);
      count = 0;
      bytes = 0;
    } else if (2 * count >= young.length) {
      grow();
    }
    E entered = put(entry, young);
    if (entered == entry) {
      count++;
      bytes += size;
    }
    return entered;
  }

  private void grow() {
    E[] larger = Arrays.copyOf(none, 2 * young.length);
    for (E entry : young) {
      if (entry != null) {
        put(entry, larger);
      }
    }
    young = larger;
  }

  private E put(E entry, E[] table) {
    int hash = hashOf(entry);
    int at = place(hash, 0, table.length);
    for (int tried = 0; at >= 0; at = place(hash, ++tried, table.length)) {
      if (table[at] == null) {
        table[at] = entry;
        return entry;
      }
      if (areSame(table[at], entry)) {
        return table[at];
      }
    }
    table[place(hash, 0, table.length)] = entry;
    return entry;
  }
}
