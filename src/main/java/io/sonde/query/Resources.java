package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The first resources by id, while their samples are read. In memory are as many as are asked for,
 * and a bounded number of samples whose metadata has to be looked at before it is known whether
 * they match.
 */
final class Resources implements Findings {
  /** Samples that wait for the texts of their metadata, which are asked for together. */
  private static final int MOST_WAITING = 10_000;

  private record Waiting(Series series, Columns columns) {}

  private final SampleFilter filter;
  private final String after;
  private final int limit;
  private final MetadataTexts texts;
  private final Matcher matcher;
  private final NavigableMap<String, Resource> first = new TreeMap<>();
  private final Map<UUID, Metadata> fresh = new HashMap<>();
  private List<Waiting> waiting = new ArrayList<>();
  private int waitingSamples;

  /**
   * Nothing yet.
   *
   * @param after the id of the last one that is not wanted any more, or null
   */
  Resources(SampleFilter filter, String after, int limit, MetadataTexts texts) {
    this.filter = filter;
    this.after = after;
    this.limit = limit;
    this.texts = texts;
    matcher = new Matcher(filter);
  }

  @Override
  public synchronized void metadata(Metadata text) {
    fresh.put(text.id(), text);
  }

  @Override
  public synchronized boolean chunk(
      Series series,
      byte[] directory,
      byte[] payload,
      Function<Set<UUID>, Map<UUID, Metadata>> lookup) {
    add(series, payload);
    if (waitingSamples >= MOST_WAITING) {
      List<Waiting> batch = takeWaiting();
      batch.forEach(decider(texts.find(ids(batch), lookup)));
    }
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
      waiting.add(new Waiting(series, columns));
      waitingSamples += columns.size();
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

  /** Looks the texts up that came between. */
  @Override
  public CompletionStage<Void> settle() {
    List<Waiting> batch;
    Map<UUID, Metadata> known;
    synchronized (this) {
      if (waiting.isEmpty()) {
        return CompletableFuture.completedStage(null);
      }
      batch = takeWaiting();
      known = new HashMap<>(fresh);
    }
    return texts
        .find(ids(batch), known)
        .thenAccept(
            found -> {
              synchronized (this) {
                batch.forEach(decider(found));
              }
            });
  }

  private Consumer<Waiting> decider(Map<UUID, Metadata> known) {
    return one -> add(one.series(), one.columns(), known);
  }

  private List<Waiting> takeWaiting() {
    List<Waiting> taken = waiting;
    waiting = new ArrayList<>();
    waitingSamples = 0;
    return taken;
  }

  private static Set<UUID> ids(List<Waiting> batch) {
    Set<UUID> ids = new HashSet<>();
    batch.forEach(one -> ids.addAll(List.of(one.columns().metadataIds())));
    return ids;
  }

  /** What was found, by id; nothing is read any more. */
  CompletionStage<List<ResourceView>> end() {
    return settle()
        .thenCompose(
            settled -> {
              Set<UUID> ids = new HashSet<>();
              first.values().forEach(resource -> ids.add(resource.newest.metadata()));
              return texts
                  .find(ids, fresh)
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
