package io.sonde.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Samples as a struct of arrays: sample i is {@code series(seriesRef[i])} at {@code timestamps[i]}
 * with {@code volumes[i]}, {@code keys[i]} and {@code metadata(metadataRef[i])}. Series and
 * metadata stand once each, or nearly so: nobody may count on it. This is what travels between the
 * rooms of a node and between nodes. Immutable by convention: whoever holds a batch changes nothing
 * in it.
 */
public final class SampleBatch {
  /** A batch of nothing. */
  public static final SampleBatch EMPTY = new Builder(0).build();

  private static final int METADATA_OF_ONE = 128;

  private final Series[] series;
  private final Metadata[] metadata;
  private final int size;
  private final int[] seriesRef;
  private final long[] timestamps;
  private final double[] volumes;
  private final long[] keys;
  private final int[] metadataRef;
  private final Monotonic monotonic;

  /** Takes the arrays as they are; all but the first two hold at least {@code size} entries. */
  public SampleBatch(
      Series[] series,
      Metadata[] metadata,
      int size,
      int[] seriesRef,
      long[] timestamps,
      double[] volumes,
      long[] keys,
      int[] metadataRef) {
    this(series, metadata, size, seriesRef, timestamps, volumes, keys, metadataRef, null);
  }

  private SampleBatch(
      Series[] series,
      Metadata[] metadata,
      int size,
      int[] seriesRef,
      long[] timestamps,
      double[] volumes,
      long[] keys,
      int[] metadataRef,
      Monotonic monotonic) {
    this.series = series;
    this.metadata = metadata;
    this.size = size;
    this.seriesRef = seriesRef;
    this.timestamps = timestamps;
    this.volumes = volumes;
    this.keys = keys;
    this.metadataRef = metadataRef;
    this.monotonic = monotonic;
  }

  /** The same samples, all of them read at that moment, which may be null. */
  public SampleBatch readAt(Monotonic moment) {
    return new SampleBatch(
        series, metadata, size, seriesRef, timestamps, volumes, keys, metadataRef, moment);
  }

  /** When all of it was read, by the reader's own clock; null where nobody told. */
  public Monotonic monotonic() {
    return monotonic;
  }

  /** Number of samples. */
  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** Number of distinct series. */
  public int seriesCount() {
    return series.length;
  }

  /** Number of distinct metadata. */
  public int metadataCount() {
    return metadata.length;
  }

  /**
   * How much memory the batch takes on its way, as a number of samples: one for each of its own,
   * and one more for every {@value #METADATA_OF_ONE} characters of metadata.
   */
  public int weight() {
    int weight = size;
    for (Metadata one : metadata) {
      weight += weight(one);
    }
    return weight;
  }

  /** What metadata adds to the weight of a batch. */
  public static int weight(Metadata one) {
    return one.json().length() / METADATA_OF_ONE;
  }

  /** The series at a place in the batch's dictionary. */
  public Series seriesAt(int ref) {
    return series[ref];
  }

  /** The metadata at a place in the batch's dictionary. */
  public Metadata metadataAt(int ref) {
    return metadata[ref];
  }

  /** Sample i's place in the dictionary of series. */
  public int seriesRef(int i) {
    return seriesRef[i];
  }

  /** Sample i's place in the dictionary of metadata. */
  public int metadataRef(int i) {
    return metadataRef[i];
  }

  public Series series(int i) {
    return series[seriesRef[i]];
  }

  /** Microseconds since 1970. */
  public long timestamp(int i) {
    return timestamps[i];
  }

  /** The earliest timestamp, or {@link Long#MAX_VALUE} of an empty batch. */
  public long oldest() {
    long oldest = Long.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      oldest = Math.min(oldest, timestamps[i]);
    }
    return oldest;
  }

  public double volume(int i) {
    return volumes[i];
  }

  /** See {@link SampleKey}. */
  public long key(int i) {
    return keys[i];
  }

  public Metadata metadata(int i) {
    return metadata[metadataRef[i]];
  }

  /** Sample i by itself. */
  public Sample sample(int i) {
    return new Sample(series(i), timestamps[i], volumes[i], keys[i], metadata(i), monotonic);
  }

  /** All samples, one by one: for edges and tests, not for hot paths. */
  public List<Sample> samples() {
    List<Sample> all = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      all.add(sample(i));
    }
    return all;
  }

  /** All samples of several batches, in their order; the batch itself where it is one. */
  public static SampleBatch together(List<SampleBatch> batches) {
    if (batches.size() == 1) {
      return batches.get(0);
    }
    Builder all = new Builder(batches.stream().mapToInt(SampleBatch::size).sum());
    for (SampleBatch batch : batches) {
      for (int i = 0; i < batch.size(); i++) {
        all.add(batch, i);
      }
    }
    return all.build();
  }

  /** A batch of these samples. */
  public static SampleBatch of(Iterable<Sample> samples) {
    Builder builder = new Builder(16);
    samples.forEach(builder::add);
    return builder.build();
  }

  /** Gathers samples; series and metadata are entered once each. Not for use by several threads. */
  public static final class Builder {
    private final Dictionary<Series> series;
    private final Dictionary<Metadata> metadata = new Dictionary<>(new Metadata[16]);
    private Metadata lastMetadata;
    private int lastMetadataRef;
    private int size;
    private int[] seriesRef;
    private long[] timestamps;
    private double[] volumes;
    private long[] keys;
    private int[] metadataRef;

    /** A builder with room for so many samples before it grows. */
    public Builder(int expected) {
      // Most batches are of one cycle of polling: a series stands there once.
      series = new Dictionary<>(new Series[Math.max(16, expected)]);
      seriesRef = new int[expected];
      timestamps = new long[expected];
      volumes = new double[expected];
      keys = new long[expected];
      metadataRef = new int[expected];
    }

    /** Number of samples so far. */
    public int size() {
      return size;
    }

    /** Number of series entered so far. */
    public int seriesCount() {
      return series.size();
    }

    /** Number of metadata entered so far. */
    public int metadataCount() {
      return metadata.size();
    }

    /** Enters a series and returns its place; the same place when it is already there. */
    public int ref(Series one) {
      return series.place(one);
    }

    /** Enters metadata and returns its place; the same place when it is already there. */
    @SuppressWarnings("ReferenceEquality") // another object is looked up, equal or not
    public int ref(Metadata one) {
      // Neighbours are mostly of one resource.
      if (one != lastMetadata) {
        lastMetadataRef = metadata.place(one);
        lastMetadata = one;
      }
      return lastMetadataRef;
    }

    /** Adds a sample whose series and metadata were entered before. */
    public Builder add(int seriesRef, long timestamp, double volume, long key, int metadataRef) {
      if (size == timestamps.length) {
        grow();
      }
      this.seriesRef[size] = seriesRef;
      this.timestamps[size] = timestamp;
      this.volumes[size] = volume;
      this.keys[size] = key;
      this.metadataRef[size] = metadataRef;
      size++;
      return this;
    }

    public Builder add(Sample sample) {
      return add(
          ref(sample.series()),
          sample.timestamp(),
          sample.volume(),
          sample.key(),
          ref(sample.metadata()));
    }

    /** Adds sample i of another batch. */
    public Builder add(SampleBatch batch, int i) {
      return add(
          ref(batch.series(i)),
          batch.timestamp(i),
          batch.volume(i),
          batch.key(i),
          ref(batch.metadata(i)));
    }

    /** The batch; the builder is not used any more. */
    public SampleBatch build() {
      return new SampleBatch(
          series.entries(),
          metadata.entries(),
          size,
          seriesRef,
          timestamps,
          volumes,
          keys,
          metadataRef);
    }

    private void grow() {
      int capacity = Math.max(16, size * 2);
      seriesRef = Arrays.copyOf(seriesRef, capacity);
      timestamps = Arrays.copyOf(timestamps, capacity);
      volumes = Arrays.copyOf(volumes, capacity);
      keys = Arrays.copyOf(keys, capacity);
      metadataRef = Arrays.copyOf(metadataRef, capacity);
    }
  }
}
