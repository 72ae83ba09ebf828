package io.sonde.query;

import io.sonde.model.Event;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes intervals of the events of one resource. They are made anew of all its events at each
 * question, so events may come in any order, late, or again.
 */
final class Intervals {
  private final Lifecycle lifecycle;
  private final List<Interval> intervals = new ArrayList<>();
  private boolean isOpen;
  private long begin;
  private String begunBy;
  private String state;
  private SortedMap<String, String> shape;
  private final List<String> remarks = new ArrayList<>();
  private long lastEnd = Long.MIN_VALUE;

  private Intervals(Lifecycle lifecycle) {
    this.lifecycle = lifecycle;
  }

  /**
   * The intervals, in the order of time.
   *
   * @param events of one resource, by time and id
   */
  static List<Interval> of(Lifecycle lifecycle, List<Event> events) {
    Intervals made = new Intervals(lifecycle);
    for (Event event : events) {
      if (lifecycle.events().matches(event.eventType())) {
        made.take(event);
      }
    }
    if (made.isOpen) {
      made.cut(Interval.OPEN, null);
    }
    return made.intervals;
  }

  private void take(Event event) {
    if (lifecycle.ends().matches(event.eventType())) {
      end(event);
    } else if (isOpen) {
      change(event);
    } else if (lifecycle.begins().matches(event.eventType())) {
      begin(event);
    } else if (lastEnd == Long.MIN_VALUE) {
      begin(event);
      remarks.add("its beginning was not told: first heard of by " + event.eventType());
    }
    // What comes after an end, and begins nothing, tells of the time before it.
  }

  private void begin(Event event) {
    isOpen = true;
    long told = moment(event, lifecycle.begunAt());
    begin = told > lastEnd && told <= event.generated() ? told : event.generated();
    begunBy = by(event);
    state = stateAfter(event, null);
    shape = shapeAfter(event, Collections.emptySortedMap());
  }

  private void change(Event event) {
    String stateAfter = stateAfter(event, state);
    SortedMap<String, String> shapeAfter = shapeAfter(event, shape);
    if (Objects.equals(stateAfter, state) && shapeAfter.equals(shape)) {
      return;
    }
    if (event.generated() > begin) {
      cut(event.generated(), by(event));
      begin = event.generated();
      begunBy = by(event);
    }
    state = stateAfter;
    shape = shapeAfter;
  }

  private void end(Event event) {
    if (!isOpen && lastEnd != Long.MIN_VALUE) {
      // It is told again that it has ended.
      return;
    }
    long told = moment(event, lifecycle.endedAt());
    if (!isOpen) {
      begin(event);
      begin = Math.min(begin, told);
      remarks.add("its beginning was not told: first heard of by its end");
      state = null;
    }
    long end = told >= begin && told <= event.generated() ? told : event.generated();
    if (end < begin) {
      remarks.add("its end was told for a time before its beginning");
      end = begin;
    }
    cut(end, by(event));
    isOpen = false;
    lastEnd = end;
  }

  private void cut(long end, String by) {
    intervals.add(new Interval(begin, end, state, shape, begunBy, by, List.copyOf(remarks)));
    remarks.clear();
  }

  private static String by(Event event) {
    return event.eventType() + " " + event.messageId();
  }

  /** What an event does not say stays as it was. */
  private String stateAfter(Event event, String before) {
    return lifecycle.state().stream()
        .map(name -> trait(event, name))
        .filter(Objects::nonNull)
        .findFirst()
        .map(trait -> String.valueOf(trait.value()))
        .orElse(before);
  }

  private SortedMap<String, String> shapeAfter(Event event, SortedMap<String, String> before) {
    SortedMap<String, String> after = new TreeMap<>(before);
    for (String name : lifecycle.shape()) {
      Trait trait = trait(event, name);
      if (trait != null) {
        after.put(name, String.valueOf(trait.value()));
      }
    }
    return Collections.unmodifiableSortedMap(after);
  }

  /** The first of these that an event names, else that of the event itself. */
  private static long moment(Event event, List<String> names) {
    for (String name : names) {
      Trait trait = trait(event, name);
      if (trait != null && trait.type() == TraitType.DATETIME) {
        return (Long) trait.value();
      }
    }
    return event.generated();
  }

  private static Trait trait(Event event, String name) {
    return event.traits().stream()
        .filter(trait -> trait.name().equals(name))
        .findFirst()
        .orElse(null);
  }
}
