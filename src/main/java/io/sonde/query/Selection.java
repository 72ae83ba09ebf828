package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The first samples of an order while they are read; no more than are asked for are in memory, and
 * a bounded number whose metadata has to be looked at before it is known whether they match.
 */
final class Selection implements Findings {
  /** Samples that a question may have in memory, about 100 bytes each. */
  static final int MOST_SAMPLES = 250_000;

  private record Waiting(Hit hit, Condition rest) {}

  private final SampleFilter filter;
  private final Hit after;
  private final int limit;
  private final Comparator<Hit> order;
  private final boolean isNewestFirst;
  private final int mostUndecided;
  private final PriorityQueue<Hit> kept;
  private final FlatValues flat = new FlatValues();
  private final Undecided<Waiting> undecided;

  /**
   * Nothing yet.
   *
   * @param after what does not come behind this one is passed over; null where nothing is
   */
  Selection(SampleFilter filter, List<Order> orders, Hit after, int limit, MetadataTexts texts) {
    this.filter = filter;
    this.after = after;
    this.limit = limit;
    order = Hit.by(orders);
    isNewestFirst = isNewestFirst(orders);
    // Few where a decision may end the reading.
    mostUndecided =
        isNewestFirst ? (int) Math.min(Undecided.MOST_SAMPLES, 4L * limit) : Undecided.MOST_SAMPLES;
    undecided = new Undecided<>(this, texts, one -> List.of(one.hit().metadata()), this::decide);
    kept = new PriorityQueue<>(order.reversed());
  }

  /** Whether the order is that in which chunk rows can be had, so that the reading may end soon. */
  static boolean isNewestFirst(List<Order> orders) {
    return orders.isEmpty() || orders.get(0).equals(Order.NEWEST);
  }

  @Override
  public synchronized void metadata(Metadata text) {
    undecided.text(text);
  }

  @Override
  public synchronized boolean chunk(
      Series series,
      byte[] directory,
      byte[] payload,
      Function<Set<UUID>, Map<UUID, Metadata>> lookup) {
    boolean isMoreWanted = add(series, payload);
    undecided.decideAt(mostUndecided, lookup);
    return isMoreWanted;
  }

  @Override
  public synchronized void collected(Series series, byte[] directory, byte[] payload) {
    add(series, payload);
  }

  /** Says whether samples that are not newer than the newest of these may still be wanted. */
  private boolean add(Series series, byte[] payload) {
    Condition ofSeries = Evaluator.bySeries(filter.rest(), series);
    if (ofSeries.equals(Condition.Or.FALSE)) {
      return true;
    }
    Columns columns = ChunkCodec.decode(payload);
    if (isNewestFirst && isFull() && isOlderThanAll(columns.timestamp(columns.size() - 1))) {
      return false;
    }
    add(series, columns, ofSeries);
    return true;
  }

  private void add(Series series, Columns columns, Condition ofSeries) {
    boolean isByColumns = ofSeries.looksAtColumns();
    long identity = SampleId.identity(series);
    for (int i = columns.firstFrom(filter.to()) - 1;
        i >= 0 && columns.timestamp(i) >= filter.from();
        i--) {
      if (isNewestFirst && isFull() && isOlderThanAll(columns.timestamp(i))) {
        return;
      }
      Condition rest = isByColumns ? Evaluator.byColumns(ofSeries, series, columns, i) : ofSeries;
      if (rest.equals(Condition.Or.FALSE)) {
        continue;
      }
      Hit hit = Hit.of(series, identity, columns, i);
      if (after != null && order.compare(hit, after) <= 0) {
        continue;
      }
      if (!isFull() || order.compare(hit, kept.element()) < 0) {
        if (rest.equals(Condition.And.TRUE)) {
          keep(hit);
        } else {
          undecided.add(new Waiting(hit, rest), 1);
        }
      }
    }
  }

  private boolean isFull() {
    return kept.size() == limit;
  }

  private boolean isOlderThanAll(long timestamp) {
    return kept.element().timestamp() > timestamp;
  }

  private void keep(Hit hit) {
    if (isFull()) {
      if (order.compare(hit, kept.element()) >= 0) {
        return;
      }
      kept.remove();
    } else if (kept.size() == MOST_SAMPLES) {
      throw new TooLargeException("The answer has more than " + MOST_SAMPLES + " samples");
    }
    kept.add(hit);
  }

  @Override
  public CompletionStage<Void> settle() {
    return undecided.settle();
  }

  private void decide(Waiting one, Map<UUID, Metadata> found) {
    if (Evaluator.byMetadata(one.rest(), flat.of(one.hit().metadata(), found))) {
      keep(one.hit());
    }
  }

  /** What was found, in order; nothing is read any more. */
  CompletionStage<List<StoredSample>> end() {
    return settle()
        .thenCompose(
            settled -> {
              List<Hit> hits = new ArrayList<>(kept);
              hits.sort(order);
              Set<UUID> ids = new HashSet<>();
              hits.forEach(hit -> ids.add(hit.metadata()));
              return undecided
                  .texts(ids)
                  .thenApply(known -> hits.stream().map(hit -> hit.describe(known)).toList());
            });
  }
}
