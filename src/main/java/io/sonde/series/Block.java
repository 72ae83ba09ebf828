package io.sonde.series;

import io.sonde.model.SampleKey;
import java.util.Arrays;
import java.util.UUID;

/**
 * The samples of one series that are in no chunk yet, sorted by timestamp and then key. A sample
 * stands in three neighbouring numbers, not in columns: each poll adds one to each of very many
 * blocks, and what it touches should lie together. Used by one thread.
 */
public final class Block {
  private static final UUID[] NO_METADATA = {};
  private static final int FIRST_CAPACITY = 4;

  /** Timestamp, bits of the volume, recorded second above the place of the metadata. */
  private static final int WIDTH = 3;

  private int size;
  private long last = Long.MIN_VALUE;
  private UUID lastMetadata;
  private int lastMetadataRef;
  private long[] rows = {};
  private long[] keys;
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
    return rows[0];
  }

  /** The latest timestamp, or {@link Long#MIN_VALUE} when the block is empty. */
  public long last() {
    return last;
  }

  public double volume(int i) {
    return Double.longBitsToDouble(rows[i * WIDTH + 1]);
  }

  /** The place of a sample, or a negative number when it is not here. */
  public int find(long timestamp, long key) {
    if (timestamp > last) {
      return -size - 1;
    }
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Long.compare(rows[middle * WIDTH], timestamp);
      if (order == 0) {
        order = Long.compare(keys == null ? SampleKey.NONE : keys[middle], key);
      }
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }

  /**
   * Adds a sample that is not here yet. Usually it is the newest; a late one is put where it
   * belongs.
   */
  public void add(long timestamp, double volume, long key, UUID metadataId, long recordedAt) {
    int at = -find(timestamp, key) - 1;
    if (at < 0) {
      throw new IllegalStateException(
          "sample at " + timestamp + " with key " + key + " is in the block already");
    }
    if (size * WIDTH == rows.length) {
      resize(Math.max(FIRST_CAPACITY, size * 2));
    }
    if (keys == null && key != SampleKey.NONE) {
      keys = new long[rows.length / WIDTH];
    }
    if (at < size) {
      System.arraycopy(rows, at * WIDTH, rows, (at + 1) * WIDTH, (size - at) * WIDTH);
      if (keys != null) {
        System.arraycopy(keys, at, keys, at + 1, size - at);
      }
    }
    int row = at * WIDTH;
    rows[row] = timestamp;
    rows[row + 1] = Double.doubleToRawLongBits(volume);
    rows[row + 2] = (recordedAt << 32) | ref(metadataId);
    if (keys != null) {
      keys[at] = key;
    }
    last = Math.max(last, timestamp);
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

  /** A copy of the samples as they are now. */
  public Columns freeze() {
    long[] timestamps = new long[size];
    double[] volumes = new double[size];
    int[] recorded = new int[size];
    int[] metadataRef = metadata.length > 1 ? new int[size] : null;
    for (int i = 0, row = 0; i < size; i++, row += WIDTH) {
      timestamps[i] = rows[row];
      volumes[i] = Double.longBitsToDouble(rows[row + 1]);
      recorded[i] = (int) (rows[row + 2] >>> 32);
      if (metadataRef != null) {
        metadataRef[i] = (int) rows[row + 2];
      }
    }
    return new Columns(
        size,
        timestamps,
        volumes,
        keys == null ? null : Arrays.copyOf(keys, size),
        metadata,
        metadataRef,
        recorded);
  }

  private void resize(int capacity) {
    rows = Arrays.copyOf(rows, capacity * WIDTH);
    keys = keys == null ? null : Arrays.copyOf(keys, capacity);
  }

  /** Neighbours usually have the same metadata, and usually it is the same object. */
  private int ref(UUID id) {
    if (!id.equals(lastMetadata)) {
      lastMetadataRef = find(id);
      lastMetadata = id;
    }
    return lastMetadataRef;
  }

  private int find(UUID id) {
    for (int i = 0; i < metadata.length; i++) {
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
