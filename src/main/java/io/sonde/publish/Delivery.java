package io.sonde.publish;

import io.sonde.model.Provenance;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
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
   * @param stored the note with the sinks through which they are stored; empty for none
   * @param queued the names of publishers for which they are queued
   */
  private record Way(String stored, Set<String> queued) {}

  private final BiFunction<String, SampleBatch, CompletionStage<Receipt>> collectors;
  private final BiFunction<Set<String>, SampleBatch, CompletionStage<Void>> queue;
  private volatile Ways ways;

  Delivery(
      List<Publication> publications,
      BiFunction<String, SampleBatch, CompletionStage<Receipt>> collectors,
      BiFunction<Set<String>, SampleBatch, CompletionStage<Void>> queue) {
    this.collectors = collectors;
    this.queue = queue;
    use(publications);
  }

  /**
   * Takes these into use. What is queued for a publisher that is new waits until a node that knows
   * it hands it over.
   */
  public void use(List<Publication> publications) {
    ways = new Ways(publications);
  }

  /**
   * Takes samples that came by the way noted, see {@link Provenance}.
   *
   * <p>The receipt is that of the collectors, where they are stored; what is only queued is all
   * accepted: nobody knows whether it is known already.
   *
   * @return done when all are durable; fails with {@link io.sonde.model.UnavailableException} when
   *     that is not known of all
   */
  public CompletionStage<Receipt> deliver(String note, SampleBatch batch) {
    Way way = ways.of(note);
    if (way.queued().isEmpty()) {
      return collectors.apply(way.stored(), batch);
    }
    CompletionStage<Receipt> stored =
        way.stored().isEmpty()
            ? CompletableFuture.completedFuture(new Receipt(batch.size(), 0, 0))
            : collectors.apply(way.stored(), batch);
    return queue.apply(way.queued(), batch).thenCombine(stored, (queued, receipt) -> receipt);
  }

  /** What becomes of samples, by the note of their way, remembered. */
  private static final class Ways {
    private final List<Publication> publications;
    private final Map<String, Way> known = new ConcurrentHashMap<>();

    private Ways(List<Publication> publications) {
      this.publications = publications;
    }

    private Way of(String note) {
      return known.computeIfAbsent(note, this::find);
    }

    private Way find(String note) {
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
}
