package io.sonde.query;

import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.model.Trait;
import io.sonde.model.TraitCondition;
import io.sonde.model.TraitType;
import io.sonde.store.EventStore.TraitName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Random events, questions about them, and what the answers should be, by loops over all. */
final class EventModel {
  private static final long MICROS = 1_000_000;
  private static final Comparator<Trait> BY_VALUE =
      Comparator.comparing(Trait::type).thenComparing(Trait::value, EventModel::compare);

  private final Random random;
  private final long begin;
  final List<Event> all = new ArrayList<>();

  /** With events of the hour that begins at a time, microseconds. */
  EventModel(Random random, long begin) {
    this.random = random;
    this.begin = begin;
  }

  /** A new event, which belongs to the model from now on. */
  Event add() {
    Map<String, Trait> traits = new TreeMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      Trait trait = trait();
      traits.put(trait.name() + trait.type(), trait);
    }
    if (random.nextInt(3) > 0) {
      traits.put("project", new Trait("project_id", TraitType.TEXT, "p" + random.nextInt(3)));
    }
    Event event =
        new Event(
            "e/" + random.nextInt(1000) + "-" + all.size(),
            type(),
            time(),
            List.copyOf(traits.values()),
            "{\"n\":" + random.nextInt(9) + "}");
    all.add(event);
    return event;
  }

  String type() {
    return List.of("a.b", "a.b.end", "Z", "ä c").get(random.nextInt(4));
  }

  String name() {
    return List.of("x", "y", "Ü/1", "project_id").get(random.nextInt(4));
  }

  private long time() {
    return begin + random.nextInt(60) * 60L * MICROS + (random.nextInt(3) == 0 ? 7 : 0);
  }

  private <E> E one(Collection<E> all) {
    return List.copyOf(all).get(random.nextInt(all.size()));
  }

  private Trait trait() {
    TraitType type = one(EnumSet.allOf(TraitType.class));
    String name = name();
    return type == TraitType.TEXT && name.equals("project_id")
        ? new Trait("x", type, "no project")
        : new Trait(name, type, value(type));
  }

  private Object value(TraitType type) {
    return switch (type) {
      case TEXT -> List.of("", "a", "B", "b", "ß", "a b", "1", "2").get(random.nextInt(8));
      case INTEGER ->
          random.nextInt(4) == 0 ? (1L << 53) + random.nextInt(3) : random.nextInt(9) - 4L;
      case FLOAT -> random.nextInt(9) / 4.0 - 1;
      case DATETIME -> time();
    };
  }

  EventFilter filter() {
    List<TraitCondition> traits = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      TraitType type = one(EnumSet.allOf(TraitType.class));
      traits.add(
          new TraitCondition(
              name(), type, one(EnumSet.allOf(TraitCondition.Operator.class)), value(type)));
    }
    return new EventFilter(
        random.nextInt(8) > 0 || all.isEmpty()
            ? null
            : all.get(random.nextInt(all.size())).messageId(),
        random.nextInt(3) == 0 ? type() : null,
        random.nextBoolean() ? Long.MIN_VALUE : time(),
        random.nextBoolean() ? Long.MAX_VALUE : time(),
        traits);
  }

  /** Those of a filter, by time and id. */
  List<Event> find(EventFilter filter) {
    return matching(filter)
        .sorted(Comparator.comparingLong(Event::generated).thenComparing(Event::messageId))
        .toList();
  }

  List<String> types(EventFilter filter) {
    return matching(filter).map(Event::eventType).distinct().sorted().toList();
  }

  List<TraitName> traits(EventFilter filter) {
    return matching(filter)
        .flatMap(event -> event.traits().stream())
        .map(trait -> new TraitName(trait.name(), trait.type()))
        .distinct()
        .sorted(Comparator.comparing(TraitName::name).thenComparing(TraitName::type))
        .toList();
  }

  List<Trait> values(EventFilter filter, String name) {
    return matching(filter)
        .flatMap(event -> event.traits().stream())
        .filter(trait -> trait.name().equals(name))
        .distinct()
        .sorted(BY_VALUE)
        .toList();
  }

  private Stream<Event> matching(EventFilter filter) {
    return all.stream()
        .filter(event -> filter.messageId() == null || filter.messageId().equals(event.messageId()))
        .filter(event -> filter.eventType() == null || filter.eventType().equals(event.eventType()))
        .filter(event -> event.generated() >= filter.from() && event.generated() <= filter.to())
        .filter(event -> filter.traits().stream().allMatch(one -> holds(one, event)));
  }

  private static boolean holds(TraitCondition condition, Event event) {
    for (Trait trait : event.traits()) {
      if (trait.name().equals(condition.name()) && trait.type() == condition.type()) {
        int order = compare(trait.value(), condition.value());
        return switch (condition.operator()) {
          case LT -> order < 0;
          case LE -> order <= 0;
          case EQ -> order == 0;
          case NE -> order != 0;
          case GE -> order >= 0;
          case GT -> order > 0;
        };
      }
    }
    return false;
  }

  /** Two values of one type. */
  private static int compare(Object a, Object b) {
    if (a instanceof Double number) {
      return Double.compare(number + 0.0, (Double) b + 0.0);
    }
    return a instanceof String text ? text.compareTo((String) b) : Long.compare((Long) a, (Long) b);
  }
}
