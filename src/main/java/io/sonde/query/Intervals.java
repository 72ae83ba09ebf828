package io.sonde.query;

import io.sonde.model.Event;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
  private SortedMap<String, String> shape = new TreeMap<>();
  private List<String> remarks = new ArrayList<>();
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
    long told = moment(event, lifecycle.begunAt(), event.generated());
    begin = told > lastEnd && told <= event.generated() ? told : event.generated();
    begunBy = event.eventType() + " " + event.messageId();
    state = null;
    shape = new TreeMap<>();
    takeOver(event);
  }

  private void change(Event event) {
    String stateBefore = state;
    SortedMap<String, String> shapeBefore = new TreeMap<>(shape);
    takeOver(event);
    if ((state == null ? stateBefore == null : state.equals(stateBefore))
        && shape.equals(shapeBefore)) {
      return;
    }
    if (event.generated() > begin) {
      String stateAfter = state;
      SortedMap<String, String> shapeAfter = shape;
      state = stateBefore;
      shape = shapeBefore;
      String by = event.eventType() + " " + event.messageId();
      cut(event.generated(), by);
      begin = event.generated();
      begunBy = by;
      state = stateAfter;
      shape = shapeAfter;
    }
  }

  private void end(Event event) {
    if (!isOpen && lastEnd != Long.MIN_VALUE) {
      // It is told again that it has ended.
      return;
    }
    long told = moment(event, lifecycle.endedAt(), event.generated());
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
    cut(end, event.eventType() + " " + event.messageId());
    isOpen = false;
    lastEnd = end;
  }

  private void cut(long end, String by) {
    intervals.add(
        new Interval(
            begin,
            end,
            state,
            Collections.unmodifiableSortedMap(new TreeMap<>(shape)),
            begunBy,
            by,
            List.copyOf(remarks)));
    remarks = new ArrayList<>();
  }

  /** What an event does not say stays as it was. */
  private void takeOver(Event event) {
    String told = text(event, lifecycle.state());
    state = told == null ? state : told;
    for (String name : lifecycle.shape()) {
      String value = text(event, List.of(name));
      if (value != null) {
        shape.put(name, value);
      }
    }
  }

  private static String text(Event event, List<String> names) {
    Trait trait = trait(event, names);
    return trait == null ? null : String.valueOf(trait.value());
  }

  private static long moment(Event event, List<String> names, long absent) {
    for (String name : names) {
      Trait trait = trait(event, List.of(name));
      if (trait != null && trait.type() == TraitType.DATETIME) {
        return (Long) trait.value();
      }
    }
    return absent;
  }

  private static Trait trait(Event event, List<String> names) {
    for (String name : names) {
      for (Trait trait : event.traits()) {
        if (trait.name().equals(name)) {
          return trait;
        }
      }
    }
    return null;
  }
}
