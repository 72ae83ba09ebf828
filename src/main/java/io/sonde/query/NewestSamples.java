package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The newest sample of each series, while samples are read. */
final class NewestSamples implements Findings {
  /** Samples whose metadata is in memory at a time. */
  private static final int AT_ONCE = 10_000;

  /** A sample, and what its metadata has to decide. */
  private record Newest(Hit hit, Condition left) {}

  private final SampleFilter filter;
  private final Matcher matcher;
  private final Map<Series, Newest> newest = new HashMap<>();
  private final Map<UUID, Metadata> fresh = new HashMap<>();

  NewestSamples(SampleFilter filter) {
    this.filter = filter;
    matcher = new Matcher(filter);
  }

  @Override
  public void metadata(Metadata text) {
    fresh.put(text.id(), text);
  }

  @Override
  public boolean chunk(
      Series series,
      byte[] directory,
      byte[] payload,
      Function<Set<UUID>, Map<UUID, Metadata>> texts) {
    Columns columns = ChunkCodec.decode(payload);
    int last = columns.firstFrom(filter.to()) - 1;
    // Keys are sorted as signed numbers, ids by their digits.
    for (int i = last; i >= 0 && columns.timestamp(i) == columns.timestamp(last); i--) {
      if (columns.timestamp(i) >= filter.from()) {
        Hit hit = Hit.of(series, SampleId.identity(series), columns, i);
        Newest known = newest.get(series);
        if (known == null || hit.isNewerThan(known.hit())) {
          newest.put(series, new Newest(hit, matcher.of(series, columns, i)));
        }
      }
    }
    return true;
  }

  /** The series whose newest sample matches; nothing is read any more. */
  CompletionStage<Set<Series>> matching(MetadataTexts texts) {
    Set<Series> matching = new HashSet<>();
    CompletionStage<Void> decided = CompletableFuture.completedStage(null);
    List<Newest> all = List.copyOf(newest.values());
    for (int from = 0; from < all.size(); from += AT_ONCE) {
      List<Newest> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
      decided = decided.thenCompose(before -> decide(some, texts, matching));
    }
    return decided.thenApply(done -> matching);
  }

  private CompletionStage<Void> decide(
      List<Newest> some, MetadataTexts texts, Set<Series> matching) {
    Set<UUID> ids = new HashSet<>();
    for (Newest one : some) {
      if (one.left().looksAtMetadata()) {
        ids.add(one.hit().metadata());
      }
    }
    return texts
        .find(ids, fresh)
        .thenAccept(
            found -> {
              for (Newest one : some) {
                if (matcher.holds(one.left(), one.hit().metadata(), found)) {
                  matching.add(one.hit().series());
                }
              }
            });
  }
}
