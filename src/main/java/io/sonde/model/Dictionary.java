package io.sonde.model;

import java.util.Arrays;

/**
 * Distinct values in the order in which they came, each with its place. Not for several threads.
 */
final class Dictionary<T> {
  private static final int MULTIPLIER = 0x9e3779b9;

  private T[] entries;
  private int size;
  // Place + 1 at the hash's slot or after it, 0 where there is none; at most half are filled.
  private int[] slots;

  /** An empty dictionary, with an array for its first entries. */
  Dictionary(T[] room) {
    entries = room;
    slots = new int[Integer.highestOneBit(room.length) * 4];
  }

  /** The place of a value, which is entered when it is new. */
  int place(T value) {
    int slot = slot(value);
    while (slots[slot] != 0) {
      T known = entries[slots[slot] - 1];
      if (known == value || known.equals(value)) {
        return slots[slot] - 1;
      }
      slot = next(slot);
    }
    if (size == entries.length) {
      grow();
      slot = free(value);
    }
    entries[size] = value;
    slots[slot] = ++size;
    return size - 1;
  }

  /** How many there are. */
  int size() {
    return size;
  }

  /** All of them. */
  T[] entries() {
    return Arrays.copyOf(entries, size);
  }

  private void grow() {
    entries = Arrays.copyOf(entries, 2 * size);
    slots = new int[2 * slots.length];
    for (int i = 0; i < size; i++) {
      slots[free(entries[i])] = i + 1;
    }
  }

  private int free(T value) {
    int slot = slot(value);
    while (slots[slot] != 0) {
      slot = next(slot);
    }
    return slot;
  }

  private int slot(T value) {
    return (value.hashCode() * MULTIPLIER) >>> (1 + Integer.numberOfLeadingZeros(slots.length));
  }

  private int next(int slot) {
    return (slot + 1) & (slots.length - 1);
  }
}
