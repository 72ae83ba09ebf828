package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Divides a batch among the collectors that own its series, into pieces that fit into messages
 * between nodes. Every sample of a push goes through here, so it works on places in dictionaries
 * and looks nothing up.
 */
public final class Shares {
  /**
   * A share that may travel between nodes is closed before it has this size. A sample that is
   * larger by itself is still smaller than what such a message may hold.
   */
  static final int TRAVELLING_BYTES = 96 * 1024;

  /** For a share that stays on its node; beyond this a collector would keep others waiting. */
  static final int STAYING_BYTES = 4 * 1024 * 1024;

  /** A piece of a batch for one collector. */
  public record Share(int collector, SampleBatch samples) {}

  private final SampleBatch batch;
  private final int maxBytes;
  private final List<Share> closed = new ArrayList<>();
  private final Open[] open;
  // By the series' place in the batch: its owner, and the share that it was entered in last.
  private final int[] owner;
  private final int[] left;
  private final Open[] enteredIn;
  private final int[] place;

  /**
   * The shares of a batch; samples of one series keep their order.
   *
   * @param maxBytes the encoded size of a share at most, unless it is a single sample
   */
  public static List<Share> of(
      SampleBatch batch, int collectors, ToIntFunction<Series> ownerOf, int maxBytes) {
    Shares shares = new Shares(batch, collectors, ownerOf, maxBytes);
    for (int i = 0; i < batch.size(); i++) {
      shares.add(i);
    }
    for (int collector = 0; collector < collectors; collector++) {
      shares.close(collector);
    }
    return shares.closed;
  }

  private Shares(SampleBatch batch, int collectors, ToIntFunction<Series> ownerOf, int maxBytes) {
    this.batch = batch;
    this.maxBytes = maxBytes;
    open = new Open[collectors];
    owner = new int[batch.seriesCount()];
    left = new int[collectors];
    enteredIn = new Open[batch.seriesCount()];
    place = new int[batch.seriesCount()];
    for (int ref = 0; ref < owner.length; ref++) {
      owner[ref] = ownerOf.applyAsInt(batch.seriesAt(ref));
    }
    for (int i = 0; i < batch.size(); i++) {
      left[owner[batch.seriesRef(i)]]++;
    }
  }

  private void add(int i) {
    int ref = batch.seriesRef(i);
    int collector = owner[ref];
    Open share = open[collector];
    if (share == null || !share.add(i)) {
      close(collector);
      share = open[collector] = new Open(left[collector]);
      share.add(i);
    }
    left[collector]--;
  }

  private void close(int collector) {
    if (open[collector] != null) {
      closed.add(new Share(collector, open[collector].build()));
      open[collector] = null;
    }
  }

  /** A share that still grows. */
  private final class Open {
    private final List<Series> series;
    private final List<Metadata> metadata = new ArrayList<>();
    // By the metadata's place in the batch: the place here + 1, or 0.
    private final int[] metadataPlace = new int[batch.metadataCount()];
    private final int[] seriesRef;
    private final long[] timestamps;
    private final double[] volumes;
    private final long[] keys;
    private final int[] metadataRef;
    private int size;
    private int bytes;

    private Open(int capacity) {
      series = new ArrayList<>(capacity);
      seriesRef = new int[capacity];
      timestamps = new long[capacity];
      volumes = new double[capacity];
      keys = new long[capacity];
      metadataRef = new int[capacity];
    }

    /** Whether sample i was added: the first always is, others while there is room. */
    private boolean add(int i) {
      int ref = batch.seriesRef(i);
      int metadataAt = batch.metadataRef(i);
      boolean isNewSeries = enteredIn[ref] != this;
      boolean isNewMetadata = metadataPlace[metadataAt] == 0;
      int more = EncodedBytes.SAMPLE;
      if (isNewSeries) {
        more += EncodedBytes.atMost(batch.seriesAt(ref));
      }
      if (isNewMetadata) {
        more += EncodedBytes.atMost(batch.metadataAt(metadataAt));
      }
      if (size > 0 && bytes + more > maxBytes) {
        return false;
      }
      bytes += more;
      if (isNewSeries) {
        enteredIn[ref] = this;
        place[ref] = series.size();
        series.add(batch.seriesAt(ref));
      }
      if (isNewMetadata) {
        metadata.add(batch.metadataAt(metadataAt));
        metadataPlace[metadataAt] = metadata.size();
      }
      seriesRef[size] = place[ref];
      timestamps[size] = batch.timestamp(i);
      volumes[size] = batch.volume(i);
      keys[size] = batch.key(i);
      metadataRef[size] = metadataPlace[metadataAt] - 1;
      size++;
      return true;
    }

    private SampleBatch build() {
      return new SampleBatch(
          series.toArray(new Series[0]),
          metadata.toArray(new Metadata[0]),
          size,
          seriesRef,
          timestamps,
          volumes,
          keys,
          metadataRef);
    }
  }
}
