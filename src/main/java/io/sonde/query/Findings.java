package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.store.QueryStore;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Takes what one reading finds, in chunk rows and in collectors: each sample once. Used by one
 * thread at a time, except that {@link #settle} of one collector's part may go on while another's
 * is taken.
 */
interface Findings extends QueryStore.Visitor {
  /** Only readings of series alone bring them; where chunks are asked for, those come instead. */
  @Override
  default void series(Series series) {}

  /** Takes metadata that no row may hold yet. */
  void metadata(Metadata text);

  /**
   * Takes what a collector has: samples, or what they sum up to. Texts of metadata that are not
   * {@link #metadata} can be had in {@link #settle} only.
   */
  default void collected(Series series, byte[] directory, byte[] payload) {
    chunk(series, directory, payload, ids -> Map.of());
  }

  /**
   * Is asked after each part of a collector's answer; the next part is pulled when the stage is
   * done, so that what waits for a database does not pile up.
   */
  default CompletionStage<Void> settle() {
    return CompletableFuture.completedStage(null);
  }
}
