package io.sonde.definition;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Which definitions are for which types, remembered for the types seen. For many threads. */
final class EventTypeIndex<T> {
  /** Types come from outside: above this many, remembering begins anew. */
  private static final int MOST_TYPES = 10_000;

  private final List<T> definitions;
  private final Function<T, EventTypes> typesOf;
  private final ConcurrentHashMap<String, List<T>> known = new ConcurrentHashMap<>();

  EventTypeIndex(List<T> definitions, Function<T, EventTypes> typesOf) {
    this.definitions = List.copyOf(definitions);
    this.typesOf = typesOf;
  }

  /** The definitions for a type, in their order. */
  List<T> of(String type) {
    List<T> found = known.get(type);
    if (found == null) {
      found =
          definitions.stream()
              .filter(definition -> typesOf.apply(definition).matches(type))
              .toList();
      if (known.size() >= MOST_TYPES) {
        known.clear();
      }
      known.put(type, found);
    }
    return found;
  }
}
