package io.sonde.series;

import io.sonde.model.SampleKey;
import java.util.Arrays;
import java.util.UUID;

/**
 * The samples of one series that are not in chunk rows yet, sorted by timestamp and then key. Used
 * by one thread, except that {@link #freeze()} hands out the columns as they are at that moment:
 * what is shared is copied before it would change.
 */
public final class Block {
  private static final UUID[] NO_METADATA = {};
  private static final int FIRST_CAPACITY = 4;

  private int size;
  private int shared;
  private long[] timestamps = {};
  private double[] volumes = {};
  private long[] keys;
  private int[] metadataRef;
  private int[] recorded = {};
  private UUID[] metadata = NO_METADATA;

  /** A block that goes on from these columns. */
  public static Block of(Columns columns) {
    Block block = new Block();
    block.resize(columns.size());
    block.add(columns);
    return block;
  }

  public int size() {
    return size;
  }

  /** The earliest timestamp; only where there are samples. */
  public long first() {
    return timestamps[0];
  }

  /** The latest timestamp, or {@link Long#MIN_VALUE} when the block is empty. */
  public long last() {
    return size == 0 ? Long.MIN_VALUE : timestamps[size - 1];
  }

  public double volume(int i) {
    return volumes[i];
  }

  /** The place of a sample, or a negative number when it is not here. */
  public int find(long timestamp, long key) {
    return Columns.find(timestamps, keys, size, timestamp, key);
  }

  /**
   * Adds a sample that is not here yet. Usually it is the newest; a late one is put where it
   * belongs.
   */
  public void add(long timestamp, double volume, long key, UUID metadataId, long recordedAt) {
    int at = size;
    if (size > 0 && timestamp <= timestamps[size - 1]) {
      at = -find(timestamp, key) - 1;
      if (at < 0) {
        throw new IllegalStateException(
            "sample at " + timestamp + " with key " + key + " is in the block already");
      }
    }
    if (at < shared) {
      resize(timestamps.length);
    }
    if (size == timestamps.length) {
      resize(Math.max(FIRST_CAPACITY, size * 2));
    }
    int ref = ref(metadataId);
    if (keys == null && key != SampleKey.NONE) {
      keys = new long[timestamps.length];
    }
    if (metadataRef == null && ref != 0) {
      metadataRef = new int[timestamps.length];
    }
    if (at < size) {
      makeRoom(at);
    }
    timestamps[at] = timestamp;
    volumes[at] = volume;
    if (keys != null) {
      keys[at] = key;
    }
    if (metadataRef != null) {
      metadataRef[at] = ref;
    }
    recorded[at] = (int) recordedAt;
    size++;
  }

  /** Adds samples that are not here yet. */
  public void add(Columns columns) {
    for (int i = 0; i < columns.size(); i++) {
      add(
          columns.timestamp(i),
          columns.volume(i),
          columns.key(i),
          columns.metadata(i),
          columns.recorded(i));
    }
  }

  /** The columns as they are now; later additions do not show in them. */
  public Columns freeze() {
    shared = size;
    return new Columns(size, timestamps, volumes, keys, metadata, metadataRef, recorded);
  }

  private void makeRoom(int at) {
    int moved = size - at;
    System.arraycopy(timestamps, at, timestamps, at + 1, moved);
    System.arraycopy(volumes, at, volumes, at + 1, moved);
    if (keys != null) {
      System.arraycopy(keys, at, keys, at + 1, moved);
    }
    if (metadataRef != null) {
      System.arraycopy(metadataRef, at, metadataRef, at + 1, moved);
    }
    System.arraycopy(recorded, at, recorded, at + 1, moved);
  }

  /** New arrays of our own, so that what was handed out stays as it is. */
  private void resize(int capacity) {
    timestamps = Arrays.copyOf(timestamps, capacity);
    volumes = Arrays.copyOf(volumes, capacity);
    keys = keys == null ? null : Arrays.copyOf(keys, capacity);
    metadataRef = metadataRef == null ? null : Arrays.copyOf(metadataRef, capacity);
    recorded = Arrays.copyOf(recorded, capacity);
    shared = 0;
  }

  private int ref(UUID id) {
    for (int i = metadata.length - 1; i >= 0; i--) {
      if (metadata[i].equals(id)) {
        return i;
      }
    }
    // Copied for each new entry: a series has one metadata most of the time, and what was handed
    // out must not change.
    metadata = Arrays.copyOf(metadata, metadata.length + 1);
    metadata[metadata.length - 1] = id;
    return metadata.length - 1;
  }
}
