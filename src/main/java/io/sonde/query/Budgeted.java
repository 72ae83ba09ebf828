package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Hands findings on while there is time, and counts them where somebody wants to know. */
final class Budgeted implements Findings {
  private final Findings inner;
  private final Costs.Reading costs;
  private final Budget budget;

  /**
   * Around some findings.
   *
   * @param costs where they are counted, or null
   * @param budget how long
   */
  Budgeted(Findings inner, Costs.Reading costs, Budget budget) {
    this.inner = inner;
    this.costs = costs;
    this.budget = budget;
  }

  @Override
  public void series(Series series) {
    budget.check();
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
    budget.check();
    if (costs != null) {
      costs.chunks.incrementAndGet();
      count(directory, payload);
    }
    return inner.chunk(series, directory, payload, lookup);
  }

  @Override
  public void collected(Series series, byte[] directory, byte[] payload) {
    budget.check();
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

  private void count(byte[] directory, byte[] payload) {
    costs.bytes.addAndGet(directory == null ? 0 : directory.length);
    if (payload != null) {
      costs.opened.incrementAndGet();
      costs.bytes.addAndGet(payload.length);
      costs.samples.addAndGet(ChunkCodec.decode(payload).size());
    }
  }
}
