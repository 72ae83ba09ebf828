package io.sonde.pipeline;

import io.sonde.model.SampleBatch;
import java.util.Arrays;
import java.util.function.IntPredicate;

/** Parts of batches. */
public final class BatchSelection {
  private BatchSelection() {}

  /**
   * The samples of some of a batch's series, in their order; the batch itself where these are all.
   *
   * @param wanted by the series' place in the dictionary
   */
  public static SampleBatch ofSeries(SampleBatch batch, boolean[] wanted) {
    boolean all = true;
    for (boolean one : wanted) {
      all &= one;
    }
    if (all) {
      return batch;
    }
    return where(batch, i -> wanted[batch.seriesRef(i)]);
  }

  /** The samples whose indexes pass the test, in their order. */
  public static SampleBatch where(SampleBatch batch, IntPredicate test) {
    int[] indexes = new int[batch.size()];
    int count = 0;
    for (int i = 0; i < batch.size(); i++) {
      if (test.test(i)) {
        indexes[count++] = i;
      }
    }
    return ofSamples(batch, indexes, 0, count);
  }

  /** The samples at these indexes, from {@code start} to before {@code end}, in that order. */
  static SampleBatch ofSamples(SampleBatch batch, int[] indexes, int start, int end) {
    SampleBatch.Builder builder = new SampleBatch.Builder(end - start);
    int[] series = unset(batch.seriesCount());
    int[] metadata = unset(batch.metadataCount());
    for (int k = start; k < end; k++) {
      int i = indexes[k];
      int seriesRef = batch.seriesRef(i);
      int metadataRef = batch.metadataRef(i);
      if (series[seriesRef] < 0) {
        series[seriesRef] = builder.ref(batch.seriesAt(seriesRef));
      }
      if (metadata[metadataRef] < 0) {
        metadata[metadataRef] = builder.ref(batch.metadataAt(metadataRef));
      }
      builder.add(
          series[seriesRef],
          batch.timestamp(i),
          batch.volume(i),
          batch.key(i),
          metadata[metadataRef]);
    }
    return builder.build().readAt(batch.monotonic());
  }

  private static int[] unset(int length) {
    int[] refs = new int[length];
    Arrays.fill(refs, -1);
    return refs;
  }
}
