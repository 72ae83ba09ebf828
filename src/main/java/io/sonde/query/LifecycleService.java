package io.sonde.query;

import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.model.UnavailableException;
import io.sonde.store.EventStore;
import io.sonde.store.Inquiry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * Says when resources existed, and as what, from recorded events. The stages fail with {@link
 * UnavailableException} when the database is away.
 */
public final class LifecycleService {
  private static final int MOST_EVENTS = 200_000;
  private static final int MOST_TYPES = 100_000;

  private final List<Lifecycle> lifecycles;
  private final EventStore store;
  private final Executor blocking;

  /** {@code blocking} runs what waits for the database. */
  public LifecycleService(List<Lifecycle> lifecycles, EventStore store, Executor blocking) {
    this.lifecycles = lifecycles;
    this.store = store;
    this.blocking = blocking;
  }

  /**
   * The intervals in which a resource existed, by their beginnings; none where nothing was told.
   *
   * @param visible which events may be looked at
   */
  CompletionStage<List<Interval>> intervals(String resource, EventFilter visible, Budget budget) {
    return budget.ask(
        blocking,
        new Inquiry(),
        inquiry ->
            of(
                events(Set.of(resource), any -> true, visible, Long.MAX_VALUE, inquiry)
                    .getOrDefault(resource, List.of())));
  }

  /**
   * When these resources existed; those of which nothing was told are not among them.
   *
   * @param asOf what was recorded after this second, since 1970, was not told
   */
  CompletionStage<Map<String, Existence>> existences(
      Set<String> resources, long asOf, Budget budget) {
    if (resources.isEmpty() || lifecycles.isEmpty()) {
      return CompletableFuture.completedFuture(Map.of());
    }
    return budget.ask(
        blocking,
        new Inquiry(),
        inquiry -> {
          Map<String, Existence> known = new HashMap<>();
          events(resources, this::isLimit, EventFilter.ALL, asOf, inquiry)
              .forEach((resource, events) -> known.put(resource, new Existence(of(events))));
          return known;
        });
  }

  /** Changes between begin and end do not matter to whether a resource exists. */
  private boolean isLimit(String type) {
    return lifecycles.stream()
        .anyMatch(one -> one.begins().matches(type) || one.ends().matches(type));
  }

  /** Events of types that any lifecycle looks at, by resource, each in the order of time. */
  private Map<String, List<Event>> events(
      Collection<String> resources,
      Predicate<String> wanted,
      EventFilter visible,
      long asOf,
      Inquiry inquiry) {
    List<String> types =
        store.types(EventFilter.ALL, null, MOST_TYPES, inquiry).stream()
            .filter(type -> lifecycles.stream().anyMatch(one -> one.events().matches(type)))
            .filter(wanted)
            .toList();
    if (types.isEmpty()) {
      return Map.of();
    }
    Set<String> traits = new LinkedHashSet<>();
    lifecycles.forEach(one -> traits.addAll(one.resource()));
    Map<String, List<Event>> found =
        store.ofResources(traits, resources, types, visible, asOf, MOST_EVENTS + 1, inquiry);
    if (found.values().stream().mapToInt(List::size).sum() > MOST_EVENTS) {
      throw new TooLargeException("More than " + MOST_EVENTS + " events tell of these resources");
    }
    return found;
  }

  private List<Interval> of(List<Event> events) {
    List<Interval> all = new ArrayList<>();
    for (Lifecycle lifecycle : lifecycles) {
      all.addAll(Intervals.of(lifecycle, events));
    }
    all.sort(Comparator.comparingLong(Interval::begin));
    return all;
  }
}
