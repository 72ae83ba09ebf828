package io.sonde.series;

import io.sonde.model.SampleKey;
import java.util.UUID;

/**
 * The samples of one series as columns, sorted by timestamp and then key. Entry i is {@code
 * timestamps[i]} (microseconds), {@code volumes[i]}, {@code keys[i]}, {@code
 * metadata[metadataRef[i]]} and {@code recorded[i]} (seconds, unsigned). Arrays may be longer than
 * {@code size}; nobody changes their first {@code size} entries. What is the same for nearly all
 * series takes no memory: {@code keys} is null where all are {@link SampleKey#NONE}, {@code
 * metadataRef} is null where all samples have the first metadata.
 */
public final class Columns {
  final int size;
  final long[] timestamps;
  final double[] volumes;
  final long[] keys;
  final UUID[] metadata;
  final int[] metadataRef;
  final int[] recorded;

  Columns(
      int size,
      long[] timestamps,
      double[] volumes,
      long[] keys,
      UUID[] metadata,
      int[] metadataRef,
      int[] recorded) {
    this.size = size;
    this.timestamps = timestamps;
    this.volumes = volumes;
    this.keys = keys;
    this.metadata = metadata;
    this.metadataRef = metadataRef;
    this.recorded = recorded;
  }

  /** Number of samples. */
  public int size() {
    return size;
  }

  /** Microseconds since 1970. */
  public long timestamp(int i) {
    return timestamps[i];
  }

  public double volume(int i) {
    return volumes[i];
  }

  /** See {@link SampleKey}. */
  public long key(int i) {
    return keys == null ? SampleKey.NONE : keys[i];
  }

  /** The id of the sample's metadata. */
  public UUID metadata(int i) {
    return metadata[metadataRef == null ? 0 : metadataRef[i]];
  }

  /** When the sample was recorded, seconds since 1970. */
  public long recorded(int i) {
    return Integer.toUnsignedLong(recorded[i]);
  }

  /** The ids of all metadata that samples refer to. */
  public UUID[] metadataIds() {
    return metadata.clone();
  }

  /** The first place whose timestamp is not before this one; {@code size} when there is none. */
  public int firstFrom(long timestamp) {
    return firstFrom(timestamps, size, timestamp);
  }

  /** The place of a sample, or a negative number when it is not here. */
  public int find(long timestamp, long key) {
    return find(timestamps, keys, size, timestamp, key);
  }

  static int firstFrom(long[] timestamps, int size, long timestamp) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (timestamps[middle] < timestamp) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * As {@link java.util.Arrays#binarySearch(long[], long)}, over two columns. Many samples may lie
   * at one moment, so the keys are searched as well, not walked along.
   */
  static int find(long[] timestamps, long[] keys, int size, long timestamp, long key) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Long.compare(timestamps[middle], timestamp);
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
}
