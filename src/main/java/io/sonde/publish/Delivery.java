package io.sonde.publish;

import io.sonde.model.Provenance;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * Makes durable what comes out of sinks: stored by the collectors, or, for sinks without {@code
 * collector://}, queued for their publishers. For use by many threads.
 */
public final class Delivery {
  /**
   * What becomes of samples.
   *
   * @param stored the note for those that are stored; empty for none
   * @param queued the names of publishers for which they are queued
   */
  private record Way(String stored, Set<String> queued) {}

  /** The ways by certain publications, as they are found. */
  private record Ways(Collection<Publication> publications, Map<String, Way> known) {
    Ways(Collection<Publication> publications) {
      this(List.copyOf(publications), new ConcurrentHashMap<>());
    }
  }

  private final BiFunction<String, SampleBatch, CompletionStage<Receipt>> collectors;
  private final BiFunction<Set<String>, SampleBatch, CompletionStage<Void>> queue;
  private volatile Ways ways;

  Delivery(
      Collection<Publication> publications,
      BiFunction<String, SampleBatch, CompletionStage<Receipt>> collectors,
      BiFunction<Set<String>, SampleBatch, CompletionStage<Void>> queue) {
    this.ways = new Ways(publications);
    this.collectors = collectors;
    this.queue = queue;
  }

  /** Delivers to these publications from now on. */
  void use(Collection<Publication> publications) {
    ways = new Ways(publications);
  }

  /**
   * Takes samples that came through sinks.
   *
   * <p>The receipt is that of the collectors, where they are stored; what is only queued is all
   * accepted: nobody knows whether it is known already.
   *
   * @param note by what way they came, as {@link Provenance} writes it
   * @return done when all are durable; fails with {@link io.sonde.model.UnavailableException} when
   *     that is not known of all
   */
  public CompletionStage<Receipt> deliver(String note, SampleBatch batch) {
    Ways current = ways;
    Way way = current.known().computeIfAbsent(note, any -> find(note, current.publications()));
    if (way.queued().isEmpty()) {
      return collectors.apply(way.stored(), batch);
    }
    CompletionStage<Receipt> stored =
        way.stored().isEmpty()
            ? CompletableFuture.completedFuture(new Receipt(batch.size(), 0, 0))
            : collectors.apply(way.stored(), batch);
    return queue.apply(way.queued(), batch).thenCombine(stored, (queued, receipt) -> receipt);
  }

  private static Way find(String note, Collection<Publication> publications) {
    List<String> names = Provenance.sinks(note);
    Set<String> notStored =
        publications.stream().flatMap(one -> one.queued().stream()).collect(Collectors.toSet());
    List<String> stored = names.stream().filter(name -> !notStored.contains(name)).toList();
    Set<String> queued = new TreeSet<>();
    for (Publication publication : publications) {
      // Who reads it in the journal needs no other copy.
      if (names.stream().anyMatch(publication.queued()::contains)
          && stored.stream().noneMatch(publication.sinks()::contains)) {
        queued.add(publication.name());
      }
    }
    return new Way(
        stored.isEmpty() ? "" : Provenance.of(String.join(",", stored), Provenance.version(note)),
        Set.copyOf(queued));
  }
}
