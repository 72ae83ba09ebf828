package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Hands findings on while there is time, and counts them where somebody wants to know. */
final class Budgeted implements Findings {
  /** A reading that takes longer is given up; a request is answered 503 a little later. */
  static final Duration TIME = Duration.ofSeconds(25);

  private final Findings inner;
  private final Costs.Reading costs;
  private final BooleanSupplier isGone;
  private final long deadline = System.nanoTime() + TIME.toNanos();

  /**
   * Around some findings.
   *
   * @param costs where they are counted, or null
   * @param isGone whether whoever asked is gone, so that the reading is of no use any more
   */
  Budgeted(Findings inner, Costs.Reading costs, BooleanSupplier isGone) {
    this.inner = inner;
    this.costs = costs;
    this.isGone = isGone;
  }

  @Override
  public void series(Series series) {
    checkWanted();
    inner.series(series);
  }

  @Override
  public void metadata(Metadata text) {
    inner.metadata(text);
  }

  @Override
  public boolean chunk(
      Series series,
      byte[] directory,
      byte[] payload,
      Function<Set<UUID>, Map<UUID, Metadata>> lookup) {
    checkWanted();
    if (costs != null) {
      costs.chunks.incrementAndGet();
      count(directory, payload);
    }
    return inner.chunk(series, directory, payload, lookup);
  }

  @Override
  public void collected(Series series, byte[] directory, byte[] payload) {
    checkWanted();
    if (costs != null) {
      costs.collected.incrementAndGet();
      count(directory, payload);
    }
    inner.collected(series, directory, payload);
  }

  @Override
  public CompletionStage<Void> settle() {
    return inner.settle();
  }

  private void checkWanted() {
    if (isGone.getAsBoolean()) {
      throw new CancellationException("whoever asked is gone");
    }
    if (System.nanoTime() - deadline > 0) {
      throw new TooLargeException(
          "The question takes longer than "
              + TIME.toSeconds()
              + " seconds: ask for a shorter time, one meter or one resource.");
    }
  }

  private void count(byte[] directory, byte[] payload) {
    costs.bytes.addAndGet(directory == null ? 0 : directory.length);
    if (payload != null) {
      costs.opened.incrementAndGet();
      costs.bytes.addAndGet(payload.length);
      costs.samples.addAndGet(ChunkCodec.decode(payload).size());
    }
  }
}
