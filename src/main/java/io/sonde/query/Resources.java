package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The first resources by id, while their samples are read. In memory are as many as are asked for,
 * and a bounded number of samples whose metadata has to be looked at before it is known whether
 * they match.
 */
final class Resources implements Findings {
  private record Waiting(Series series, Columns columns) {}

  private final SampleFilter filter;
  private final String after;
  private final int limit;
  private final Matcher matcher;
  private final NavigableMap<String, Resource> first = new TreeMap<>();
  private final Undecided<Waiting> undecided;

  /**
   * Nothing yet.
   *
   * @param after the id of the last one that is not wanted any more, or null
   */
  Resources(SampleFilter filter, String after, int limit, MetadataTexts texts) {
    this.filter = filter;
    this.after = after;
    this.limit = limit;
    matcher = new Matcher(filter);
    undecided =
        new Undecided<>(
            this,
            texts,
            one -> List.of(one.columns().metadataIds()),
            (one, known) -> add(one.series(), one.columns(), known));
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
    add(series, payload);
    undecided.decideAt(Undecided.MOST_SAMPLES, lookup);
    return true;
  }

  @Override
  public synchronized void collected(Series series, byte[] directory, byte[] payload) {
    add(series, payload);
  }

  private void add(Series series, byte[] payload) {
    Condition ofSeries = matcher.of(series);
    if (!isWanted(series.resourceId()) || ofSeries.equals(Condition.Or.FALSE)) {
      return;
    }
    Columns columns = ChunkCodec.decode(payload);
    if (ofSeries.looksAtMetadata()) {
      undecided.add(new Waiting(series, columns), columns.size());
    } else {
      add(series, columns, Map.of());
    }
  }

  /** Not where there are enough before it already: those stay. */
  private boolean isWanted(String id) {
    return (after == null || id.compareTo(after) > 0)
        && (first.size() < limit || id.compareTo(first.lastKey()) <= 0);
  }

  private void add(Series series, Columns columns, Map<UUID, Metadata> known) {
    String id = series.resourceId();
    if (!isWanted(id)) {
      return;
    }
    int end = columns.firstFrom(filter.to());
    for (int i = columns.firstFrom(filter.from()); i < end; i++) {
      if (matcher.matches(series, columns, i, known)) {
        first.computeIfAbsent(id, any -> new Resource()).add(series, columns, i);
      }
    }
    if (first.size() > limit) {
      first.pollLastEntry();
    }
  }

  @Override
  public CompletionStage<Void> settle() {
    return undecided.settle();
  }

  /** What was found, by id; nothing is read any more. */
  CompletionStage<List<ResourceView>> end() {
    return settle()
        .thenCompose(
            settled -> {
              Set<UUID> ids = new HashSet<>();
              first.values().forEach(resource -> ids.add(resource.newest.metadata()));
              return undecided
                  .texts(ids)
                  .thenApply(
                      known ->
                          first.values().stream().map(resource -> resource.view(known)).toList());
            });
  }

  /** A resource in the making. */
  private static final class Resource {
    private Hit newest;
    private long earliest = Long.MAX_VALUE;
    private final SortedSet<String> meters = new TreeSet<>();

    private void add(Series series, Columns columns, int i) {
      earliest = Math.min(earliest, columns.timestamp(i));
      meters.add(series.meter());
      if (newest == null || columns.timestamp(i) >= newest.timestamp()) {
        Hit hit = Hit.of(series, SampleId.identity(series), columns, i);
        newest = newest == null || hit.isNewerThan(newest) ? hit : newest;
      }
    }

    private ResourceView view(Map<UUID, Metadata> texts) {
      Series series = newest.series();
      return new ResourceView(
          series.resourceId(),
          series.projectId(),
          series.userId(),
          series.source(),
          texts.get(newest.metadata()),
          earliest,
          newest.timestamp(),
          meters);
    }
  }
}
