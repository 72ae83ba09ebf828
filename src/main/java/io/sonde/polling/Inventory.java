package io.sonde.polling;

import io.sonde.model.Event;
import io.sonde.store.DiscoveredStore.Discovered;
import io.sonde.store.DiscoveredStore.Memory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The resources that an {@link Errand} knows of: what was found and what is missed, what of it was
 * told durably, and what of that stands in the memory. Not for use by several threads.
 */
final class Inventory {
  /** Events that are made durable together; what is more comes after them. */
  private static final int TOLD_AT_ONCE = 500;

  private final Errand errand;

  /** By pollster and id. */
  private final Map<String, Known> known = new HashMap<>();

  /** Known no more, but still in the memory. */
  private final List<Discovered> forgotten = new ArrayList<>();

  private boolean hasRemembered;
  private Instant lastComplete;
  private Instant savedComplete;

  /** A resource that it knows of. */
  private static final class Known {
    private final Instant firstFound;

    /** Null while only the memory knows of it. */
    private Found found;

    private Instant lastFound;
    private int misses;

    /** Whether it is durable that it was found. */
    private boolean isTold;

    /**
     * Whether it was missed when another node's agent knew it last: whether it was told since that
     * it is gone is not known.
     */
    private boolean isDoubtful;

    /** As it stands in the memory; null while it does not. */
    private Discovered saved;

    private Known(Instant firstFound) {
      this.firstFound = firstFound.truncatedTo(ChronoUnit.MICROS);
    }

    private Discovered as(String key) {
      return new Discovered(
          key.substring(0, key.indexOf('/')), resourceId(key), firstFound, lastFound);
    }
  }

  /**
   * What came of a look.
   *
   * @param found each once
   * @param missed those that were not found, as they were found last
   */
  record Taken(List<Found> found, List<Found> missed) {}

  /**
   * What is to be told, by pollster and id.
   *
   * @param found that these were found
   * @param gone that those are gone
   */
  record Changes(Map<String, Event> found, Map<String, Event> gone) {
    boolean isEmpty() {
      return found.isEmpty() && gone.isEmpty();
    }
  }

  /** By what the memory differs: what {@link DiscoveryMemory#update} is given. */
  record Difference(
      Instant lastComplete, Map<String, Discovered> changed, List<Discovered> forgotten) {}

  Inventory(Errand errand) {
    this.errand = errand;
    this.hasRemembered = !errand.notices();
  }

  /** The id of a resource in its key here. */
  static String resourceId(String key) {
    return key.substring(key.indexOf('/') + 1);
  }

  int size() {
    return known.size();
  }

  /** Whether it has what the memory knew, if that is of interest. */
  boolean hasRemembered() {
    return hasRemembered;
  }

  /** All that is known to be there, as it was found last. */
  List<Found> found() {
    return known.values().stream().map(one -> one.found).filter(Objects::nonNull).toList();
  }

  /** Enters what a look found at a moment, and counts what it did not find. */
  Taken take(Findings findings, Instant now) {
    Set<String> there = new HashSet<>();
    List<Found> found = new ArrayList<>();
    List<Found> missed = new ArrayList<>();
    for (Found one : findings.found()) {
      String key = one.target().pollster() + "/" + one.target().resourceId();
      if (there.add(key)) {
        enter(key, one, now);
        found.add(one);
      }
    }
    if (!errand.notices()) {
      known.keySet().retainAll(there);
      return new Taken(found, missed);
    }
    known.forEach(
        (key, resource) -> {
          if (!there.contains(key)) {
            if (findings.isComplete()) {
              miss(resource);
            }
            if (resource.found != null) {
              missed.add(resource.found);
            }
          }
        });
    if (findings.isComplete()) {
      lastComplete = now;
    }
    return new Taken(found, missed);
  }

  private void enter(String key, Found one, Instant now) {
    Known resource = known.get(key);
    if (resource == null || resource.isDoubtful) {
      Known another = new Known(now);
      another.saved = resource == null ? null : resource.saved;
      resource = another;
      known.put(key, another);
    }
    // Until it is told that it was found, the reading says whose it is.
    resource.found = resource.isTold ? one.withoutReading() : one;
    resource.misses = 0;
    resource.lastFound = null;
  }

  private void miss(Known resource) {
    resource.misses++;
    if (resource.misses == 1 && resource.lastFound == null) {
      resource.lastFound = lastComplete;
    }
  }

  /** Enters what the memory knew. */
  void remember(Memory memory) {
    hasRemembered = true;
    if (lastComplete == null) {
      lastComplete = memory.lastComplete();
    }
    for (Discovered one : memory.all()) {
      remember(one.pollster() + "/" + one.resourceId(), one);
    }
  }

  private void remember(String key, Discovered one) {
    Known current = known.get(key);
    boolean isDoubtful = one.lastFound() != null;
    if (current != null && isDoubtful) {
      current.saved = one;
      return;
    }
    Known former = new Known(one.firstFound());
    former.isTold = true;
    former.isDoubtful = isDoubtful;
    former.lastFound = one.lastFound();
    former.saved = one;
    if (current != null) {
      former.found = current.found;
      former.misses = current.misses;
      former.lastFound = current.misses == 0 ? null : lastComplete;
    }
    known.put(key, former);
  }

  /** What is new, and what was missed often enough to be gone; some of it, if it is much. */
  Changes changes(Instant now) {
    Map<String, Event> found = new HashMap<>();
    Map<String, Event> gone = new HashMap<>();
    if (hasRemembered && errand.notices()) {
      known.forEach(
          (key, resource) -> {
            if (found.size() + gone.size() >= TOLD_AT_ONCE) {
              return;
            }
            if (!resource.isTold) {
              found.put(
                  key, ResourceEvents.found(errand, resource.as(key), resource.found.reading()));
            }
            if (isGone(resource)) {
              gone.put(key, ResourceEvents.gone(errand, resource.as(key), now));
            }
          });
    }
    return new Changes(found, gone);
  }

  private boolean isGone(Known resource) {
    return resource.misses >= errand.source().misses();
  }

  /**
   * These changes are durable: the one is remembered from now on, the other forgotten.
   *
   * @param now when it was looked last
   * @return what is known no more
   */
  List<String> told(Changes changes, Instant now) {
    for (String key : changes.found().keySet()) {
      Known resource = known.get(key);
      resource.isTold = true;
      resource.found = resource.found.withoutReading();
    }
    List<String> ended = new ArrayList<>();
    for (String key : changes.gone().keySet()) {
      Known resource = known.get(key);
      if (isGone(resource)) {
        known.remove(key);
        if (resource.saved != null) {
          forgotten.add(resource.saved);
        }
        ended.add(key);
      } else {
        // Found again meanwhile: it is another existence.
        Known again = new Known(now);
        again.found = resource.found;
        again.saved = resource.saved;
        known.put(key, again);
      }
    }
    return ended;
  }

  /** By what the memory differs; null where it does not. */
  Difference difference() {
    if (!hasRemembered || !errand.notices()) {
      return null;
    }
    Map<String, Discovered> changed = new HashMap<>();
    known.forEach(
        (key, resource) -> {
          Discovered now = resource.as(key);
          if (resource.isTold && !now.equals(resource.saved)) {
            changed.put(key, now);
          }
        });
    boolean isSame =
        changed.isEmpty() && forgotten.isEmpty() && Objects.equals(lastComplete, savedComplete);
    return isSame ? null : new Difference(lastComplete, changed, List.copyOf(forgotten));
  }

  /** The memory has this now. */
  void updated(Difference difference) {
    difference
        .changed()
        .forEach(
            (key, one) -> {
              if (known.containsKey(key)) {
                known.get(key).saved = one;
              } else {
                forgotten.add(one);
              }
            });
    forgotten.removeAll(difference.forgotten());
    savedComplete = difference.lastComplete();
  }
}
