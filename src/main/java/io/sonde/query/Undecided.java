package io.sonde.query;

import io.sonde.model.Metadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What waits for the texts of its metadata, which are asked for together, before it is known
 * whether it matches. All but {@link #settle} is called with the owner's monitor held.
 *
 * @param <T> what waits
 */
final class Undecided<T> {
  /** Samples that may wait. */
  static final int MOST_SAMPLES = 10_000;

  private final Object owner;
  private final MetadataTexts texts;
  private final Function<T, ? extends List<UUID>> ids;
  private final BiConsumer<T, Map<UUID, Metadata>> decision;

  /** Texts that came along with what was read. */
  private final Map<UUID, Metadata> fresh = new HashMap<>();

  private List<T> waiting = new ArrayList<>();
  private int samples;

  /**
   * Nothing yet.
   *
   * @param owner whose monitor guards it
   * @param ids of the metadata of what waits
   * @param decision made when the texts are there; called with the monitor held
   */
  Undecided(
      Object owner,
      MetadataTexts texts,
      Function<T, ? extends List<UUID>> ids,
      BiConsumer<T, Map<UUID, Metadata>> decision) {
    this.owner = owner;
    this.texts = texts;
    this.ids = ids;
    this.decision = decision;
  }

  /** A text that came along. */
  void text(Metadata text) {
    fresh.put(text.id(), text);
  }

  /** Lets something wait that stands for so many samples. */
  void add(T one, int ofSamples) {
    waiting.add(one);
    samples += ofSamples;
  }

  /** Decides now, where as many samples wait as may. */
  void decideAt(int most, Function<Set<UUID>, Map<UUID, Metadata>> lookup) {
    if (samples >= most) {
      List<T> batch = take();
      decide(batch, texts.find(idsOf(batch), lookup));
    }
  }

  /** Looks up the texts of all that waits, and decides. */
  CompletionStage<Void> settle() {
    List<T> batch;
    Map<UUID, Metadata> known;
    synchronized (owner) {
      if (waiting.isEmpty()) {
        return CompletableFuture.completedStage(null);
      }
      batch = take();
      known = new HashMap<>(fresh);
    }
    return texts
        .find(idsOf(batch), known)
        .thenAccept(
            found -> {
              synchronized (owner) {
                decide(batch, found);
              }
            });
  }

  /** The texts of what was found in the end. */
  CompletionStage<Map<UUID, Metadata>> texts(Set<UUID> wanted) {
    return texts.find(wanted, fresh);
  }

  private void decide(List<T> batch, Map<UUID, Metadata> found) {
    batch.forEach(one -> decision.accept(one, found));
  }

  private List<T> take() {
    List<T> taken = waiting;
    waiting = new ArrayList<>();
    samples = 0;
    return taken;
  }

  private Set<UUID> idsOf(List<T> batch) {
    Set<UUID> all = new HashSet<>();
    batch.forEach(one -> all.addAll(ids.apply(one)));
    return all;
  }
}
